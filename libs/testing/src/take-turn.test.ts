import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { waitFor } from './wait-for.ts'

const runner = fileURLToPath(new URL('../test/in-one-process.mjs', import.meta.url))
const BEGIN = `import t from 'tap'
import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
const note = word => appendFileSync('order.txt', word + ' ')
`
const SHORT = `${BEGIN}
t.test('takes a while', async () => {
  note('begin')
  await setTimeout(300)
  note('end')
})`
const LONG = `${BEGIN}
t.test('never ends', async () => {
  note('long')
  await setTimeout(600_000)
})`

function beginRun(t: Test, folder: string, tests: string, turn = 'of-a-test'): ChildProcess {
  const child = spawn(process.execPath, [runner, tests, '--turn', turn], {
    cwd: folder,
    env: { PATH: process.env['PATH'], TMPDIR: folder },
    stdio: ['ignore', 'pipe', 'ignore']
  })
  t.teardown(() => child.kill('SIGKILL'))
  return child
}

t.test('runs of one turn follow each other, and one that is killed ends its turn', async t => {
  const folder = t.testdir({ long: { 'a.test.ts': LONG }, short: { 'a.test.ts': SHORT } })
  const order = () => readFileSync(join(folder, 'order.txt'), 'utf8')
  const killed = beginRun(t, folder, 'long')
  await waitFor(() => order() === 'long ', { what: 'the first run has the turn' })
  const others = [beginRun(t, folder, 'short'), beginRun(t, folder, 'short')]
  const ends = Promise.all(others.map(child => once(child, 'close')))
  killed.kill('SIGKILL')
  t.strictSame(await ends, [
    [0, null],
    [0, null]
  ])
  t.equal(order(), 'long begin end begin end ')
  t.strictSame(
    readdirSync(folder).filter(name => name.endsWith('.turn')),
    [],
    'nothing is left'
  )
})

t.test('so many packages are tested at a time, and the next waits and says so', async t => {
  const folder = t.testdir({ long: { 'a.test.ts': LONG }, short: { 'a.test.ts': SHORT } })
  const order = () => readFileSync(join(folder, 'order.txt'), 'utf8')
  const [first] = Array.from({ length: 9 }, (_, i) => beginRun(t, folder, 'long', `turn-${i}`))
  await waitFor(() => order() === 'long '.repeat(9), { what: 'nine packages are tested', timeoutMs: 60_000 })
  const next = beginRun(t, folder, 'short', 'another')
  const said: string[] = []
  next.stdout?.on('data', text => said.push(String(text)))
  await waitFor(() => said.join('').includes('# waits: 9 packages are tested on this machine'), {
    what: 'the tenth says that it waits'
  })
  t.notMatch(order(), /begin/)
  first?.kill('SIGKILL')
  t.strictSame(await once(next, 'close'), [0, null])
  t.match(order(), /begin end $/)
})
