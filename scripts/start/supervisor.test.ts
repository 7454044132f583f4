import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { readSite, shippedSiteFile } from '@meridian/catalogue'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import type { StartOptions } from './options.ts'
import { planOf } from './plan.ts'
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

t.test('nothing is begun once everything shall end', async t => {
  const folder = t.testdir()
  const supervisor = createSupervisor(folder)
  await supervisor.stop(5000)
  await supervisor.launch({ ...program, command: 'touch', args: [`${folder}/begun`] }, 1000)
  t.same(supervisor.pids(), {})
  t.notOk(existsSync(`${folder}/begun`))
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

t.test(
  'a process that drains for longer than there is time gets a second signal, and is not killed',
  async t => {
    const folder = t.testdir()
    const drain = `
    let signals = 0
    process.on('SIGTERM', () => {
      if (++signals === 2) {
        require('node:fs').writeFileSync(${JSON.stringify(`${folder}/twice`)}, '')
        process.exit(1)
      }
    })
    require('node:http').createServer((_, response) => response.end()).listen(0, '127.0.0.1', function () {
      console.log(this.address().port)
    })`
    const supervisor = createSupervisor(folder)
    const spec = { ...program, name: 'drains', command: process.execPath, args: ['-e', drain], ipc: true }
    const launched = supervisor.launch(spec, 20_000)
    await waitFor(
      () => existsSync(`${folder}/drains.log`) && readFileSync(`${folder}/drains.log`).length > 0,
      {
        what: 'it listens for signals'
      }
    )
    await supervisor.stop(5_000)
    await launched
    t.ok(existsSync(`${folder}/twice`))
  }
)

t.test('a process of which nothing is of use later is killed, and not asked to end', async t => {
  const folder = t.testdir()
  const supervisor = createSupervisor(folder)
  const loop = `trap 'echo asked; exit' TERM; echo up; while :; do sleep 0.05; done`
  const spec = { ...program, command: 'sh', args: ['-c', loop], isDisposable: true }
  const launched = supervisor.launch(spec, 20_000)
  const said = (): string =>
    existsSync(`${folder}/broker.log`) ? readFileSync(`${folder}/broker.log`, 'utf8') : ''
  await waitFor(() => said().includes('up'), { what: 'the begin of the process' })
  await supervisor.stop(5_000)
  await launched
  t.equal(said(), 'up\n')
})

t.test('a process that takes long tells what it waits for', async t => {
  const supervisor = createSupervisor(t.testdir())
  const said: string[] = []
  t.intercept(console, 'log', { value: (line: string) => said.push(line) })
  const waits = { ...program, command: 'sleep', args: ['30'], isDisposable: true }
  await supervisor.launch(waits, 2_000, 200)
  await supervisor.stop(5_000)
  t.match(said[0], /broker is not ready yet: it does not answer/)
})

t.test('a gateway that is ended alone has the time to drain that its documentation says', async t => {
  const options = { gateways: 2, host: [], role: 'operator', users: false } as unknown as StartOptions
  const plan = await planOf(readSite(shippedSiteFile('small') ?? ''), options, {
    natsUrl: 'nats://127.0.0.1:1'
  })
  const times = plan.map(({ name, env }) => [name.replace(/-.*/, ''), env?.['DRAIN_MS']])
  t.same(
    times.filter(([, ms]) => ms === undefined),
    [
      ['gateway', undefined],
      ['gateway', undefined]
    ]
  )
})
