import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { identityOf } from './process-identity.ts'
import { createSupervisor } from './supervisor.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const program = { name: 'broker', readyUrl: 'http://127.0.0.1:1/', stopStage: 0, ipc: false }

t.test('a broker does not begin when its start is killed before it could write it down', async t => {
  const folder = t.testdir()
  const script = `
    const { createSupervisor } = await import(${JSON.stringify(here('supervisor.ts'))})
    const supervisor = createSupervisor(${JSON.stringify(folder)}, ({ broker }) => {
      require('node:fs').writeSync(1, String(broker))
      process.kill(process.pid, 'SIGKILL')
    })
    const { name, ...spec } = ${JSON.stringify(program)}
    await supervisor.launch({ name, ...spec, command: 'touch', args: [${JSON.stringify(`${folder}/begun`)}] }, 1000)`
  const child = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      `import { createRequire } from 'node:module'; const require = createRequire('/'); ${script}`
    ],
    { cwd: here('../..'), stdio: ['ignore', 'pipe', 'inherit'] }
  )
  const [pid] = await once(child.stdout, 'data')
  t.match(String(pid), /^\d+$/)
  await waitFor(() => identityOf(Number(pid)) === undefined, { what: 'the end of the held process' })
  t.notOk(existsSync(`${folder}/begun`))
})

t.test('a vital process that ends before it is ready is an error with its last words', async t => {
  const recorded: number[] = []
  const supervisor = createSupervisor(t.testdir(), ({ broker = 0 }) => recorded.push(broker))
  const spec = {
    ...program,
    command: 'sh',
    args: ['-c', 'echo the store is locked; exit 3'],
    isVital: true
  }
  await t.rejects(supervisor.launch(spec, 20_000), {
    code: 'RUN_NOT_READY',
    message: /: broker \(code 3\)\. Its log ends: the store is locked/
  })
  t.match(recorded, [/^[1-9]/])
})

t.test('a process that ends by itself is started again, under an id of its own', async t => {
  const recorded = new Set<number>()
  const supervisor = createSupervisor(t.testdir(), ({ broker = 0 }) => recorded.add(broker))
  const restarted = new Promise<void>(resolve => supervisor.onRestart(resolve))
  await supervisor.launch({ ...program, command: 'sh', args: ['-c', 'exit 1'] }, 1)
  await restarted
  await supervisor.stop(5000)
  t.equal(recorded.size, 2)
})
