/**
 * The whole system while its processes are killed one after the other: what it promises
 * [docs/ARCHITECTURE.md#what-a-process-owns] is judged from what was sent and what came, not from its own
 * counters. A load runs all the time: samples that JetStream has acknowledged, samples of a device that only
 * says them, and commands to that device. CHAOS_SEED repeats an order of kills.
 */
import { readFileSync } from 'node:fs'
import { connectBroker } from '@meridian/broker'
import { createClient } from '@meridian/client'
import { isTerminal } from '@meridian/protocol/commands'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { shuffled } from '../chaos/random.ts'
import { startCommands, startDevice, startStored, WAIT_MS } from '../chaos/system-load.ts'
import { freePort } from '../start/ports.ts'
import { startCommand } from '../start/start-command.ts'

const ROUNDS = 2
const VICTIMS = ['gateway-1', 'gateway-2', 'producer-rest', 'commander-1', 'commander-2', 'nats-server']
const seed = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1e6)

t.setTimeout(480_000)
t.comment(`CHAOS_SEED=${seed}`)

const port = await freePort()
const data = t.testdir()
const system = startCommand('--profile', 'small', '--port', String(port), '--data', data)
t.teardown(() => system.child.exitCode ?? process.kill(-(system.child.pid as number), 'SIGINT'))
await system.said('Ctrl-C ends everything')

interface RunFile {
  readonly nats: string
  readonly pids: Readonly<Record<string, number>>
  readonly ready: Readonly<Record<string, string>>
}
const runFile = (): RunFile => JSON.parse(readFileSync(`${data}/run.json`, 'utf8'))
const broker = await connectBroker({ servers: runFile().nats, name: 'chaos', log: createTestLog() })
t.teardown(() => broker.drain())
const client = createClient({ url: `ws://127.0.0.1:${port}/live` })
t.teardown(() => client.close())
client.connect()

t.test('killed processes break no promise', async t => {
  const load = { broker, client, site: 'small' }
  const stored = startStored(load)
  const device = startDevice(load)
  const commands = startCommands(load)
  await waitFor(() => commands.accepted.size > 0 && stored.received() > 0 && device.received() > 0, {
    what: 'the load to run',
    timeoutMs: WAIT_MS
  })

  for (const name of shuffled(Array.from({ length: ROUNDS }, () => VICTIMS).flat(), seed)) {
    const { pid, atMs } = kill(name)
    await isBack(name, pid)
    const before = { stored: stored.received(), device: device.received(), commands: commands.accepted.size }
    await waitFor(
      () =>
        stored.received() > before.stored &&
        device.received() > before.device &&
        commands.accepted.size > before.commands,
      { what: `samples and commands after ${name} was killed`, timeoutMs: WAIT_MS }
    )
    t.comment(`${name} killed; all goes on after ${((Date.now() - atMs) / 1000).toFixed(1)} s`)
  }

  await Promise.all([stored.stop(), commands.stop()])
  await device.stop()
  // A broker that is killed may lose what it had acknowledged within milliseconds, and a machine that is
  // overloaded may lag beyond what a resume waits for: both must be told, and neither may repeat or invert.
  const { lost, duplicated, inverted, unknown } = stored.history.report('all')
  t.same({ duplicated, inverted, unknown }, { duplicated: [], inverted: [], unknown: [] })
  t.comment(`told: ${stored.gaps.join(' ') || 'nothing'}; lost: ${lost.length}`)
  if (stored.gaps.length === 0) t.same(lost, [], 'nothing is lost without a word')
  device.history.verify('latest')
  t.comment(`${stored.history.report('all').published} stored samples, ${commands.accepted.size} commands`)
  const ends = new Map<string, number>()
  for (const id of commands.accepted) {
    const state = await endOf(id)
    ends.set(state, (ends.get(state) ?? 0) + 1)
  }
  t.comment(`commands: ${JSON.stringify(Object.fromEntries(ends))}`)
  t.same(
    [...commands.executions].filter(([, count]) => count > 1),
    [],
    'no command was executed twice'
  )
})

function kill(name: string): { readonly pid: number; readonly atMs: number } {
  const pid = runFile().pids[name] as number
  process.kill(pid, 'SIGKILL')
  return { pid, atMs: Date.now() }
}

/** Waits until the supervisor runs another process of that name, and it is ready. */
async function isBack(name: string, killed: number): Promise<void> {
  await waitFor(() => runFile().pids[name] !== killed, { what: `${name} started again`, timeoutMs: WAIT_MS })
  const url = runFile().ready[name]
  if (url === undefined) return
  await waitFor(async () => (await fetch(url)).ok, { what: `${name} ready`, timeoutMs: WAIT_MS })
}

/** The final state that the record has of a command. */
function endOf(id: string): Promise<string> {
  const read = async (): Promise<string | undefined> => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/commands/${id}`)
    const { state } = (await answer.json()) as { state?: Parameters<typeof isTerminal>[0] }
    return state !== undefined && isTerminal(state) ? state : undefined
  }
  return waitFor(read, { what: `${id} to have ended`, timeoutMs: WAIT_MS, everyMs: 100 })
}
