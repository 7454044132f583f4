import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import { bundleScripts } from './bundle-scripts.ts'

const script = new URL('process.js', await bundleScripts(t, ['process'])).pathname
/** What tap preloads would double the time of a start. */
const withoutPreloads = { ...process.env, NODE_OPTIONS: '' }

function run(mode: string): {
  child: ChildProcess
  output: () => string
  said: (text: string) => Promise<void>
} {
  const child = spawn(process.execPath, [script, mode], {
    env: withoutPreloads,
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  child.stdout?.on('data', chunk => {
    output += chunk
  })
  const said = async (text: string): Promise<void> => {
    while (!output.includes(text)) await once(child.stdout as NodeJS.ReadableStream, 'data')
  }
  return { child, output: () => output, said }
}

t.test('the first SIGTERM stops the service in order and exits 0', async t => {
  const { child, output, said } = run('good')
  await said('"ready"')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  t.equal(code, 0)
  t.match(output(), 'stopped in order')
})

t.test('a service that cannot stop is ended with 1 after its grace', async t => {
  const { child, said } = run('stuck')
  await said('"ready"')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  t.equal(code, 1)
})

t.test('a second signal ends it at once with 1', async t => {
  const { child, said } = run('stuck')
  await said('"ready"')
  child.kill('SIGTERM')
  await said('stopping')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  t.equal(code, 1)
})

const lastLine = (output: string): unknown => JSON.parse(output.trimEnd().split('\n').at(-1) ?? '')

t.test('a failed start is said and exits 1', async t => {
  const { child, output } = run('bad-start')
  const [code] = await once(child, 'close')
  t.equal(code, 1)
  t.match(lastLine(output()), { level: 60, msg: 'start failed', err: { message: 'port is taken' } })
})

t.test('an error whose stop does not end is said last too', async t => {
  const { child, output } = run('stuck-bad-start')
  const [code] = await once(child, 'close')
  t.equal(code, 1)
  t.match(lastLine(output()), { level: 60, err: { message: 'port is taken' } })
})

t.test('an unhandled rejection is logged and ends the process the orderly way, with 1', async t => {
  const { child, output } = run('rejects')
  const [code] = await once(child, 'close')
  t.equal(code, 1)
  t.match(output(), 'stopped in order')
  t.match(lastLine(output()), { level: 60, msg: 'unexpected error', err: { message: 'nobody caught me' } })
})

t.test('a supervisor that is gone before the process listened leaves no orphan', async t => {
  const child = spawn(process.execPath, [script, 'late'], {
    env: withoutPreloads,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  child.disconnect()
  t.same(await once(child, 'exit'), [0, null])
})
