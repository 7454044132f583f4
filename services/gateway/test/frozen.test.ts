import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { connectBroker, ensureStreams, lastMessage, streamTable } from '@meridian/broker'
import type { WireError } from '@meridian/errors'
import { parseCommandAnswer, parseExecRequest } from '@meridian/protocol/commands'
import { encodeSample } from '@meridian/sample'
import { commandOf, execOf, heartbeatOf, intakeByIdOf } from '@meridian/subjects'
import { createTestLog, type ServiceProcess, startNats, startService, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { LiveClient } from './live-client.ts'

// Commanders that stand still, as a suspended machine does, with real signals; each door of a running system
// asks meanwhile. A telescope must not move seconds after its operator was told that nobody answered.

t.setTimeout(180_000)
const SITE = 'summit'
const mount = { site: SITE, csc: 'MTMount', index: 0 }
const nats = await startNats()
t.teardown(() => nats.stop())
const log = createTestLog()
const broker = await connectBroker({ servers: nats.url, name: 'test', log })
t.teardown(() => broker.drain())
await ensureStreams(broker, streamTable(SITE, 'laptop'), log)
const start = (name: string, settings: Record<string, string> = {}): Promise<ServiceProcess> =>
  startService(fileURLToPath(new URL(`../../${name}`, import.meta.url)), {
    ...{ NATS_URL: nats.url, SITE, PORT: '0' },
    ...settings
  })
const [one, two, api, gateway] = await Promise.all([
  start('commander', { NAME: 'one' }),
  start('commander', { NAME: 'two' }),
  start('api'),
  start('gateway')
])
const commanders = [one, two]
t.teardown(() => Promise.all([...commanders, api, gateway].map(service => service.stop())))
const signal = (name: 'SIGSTOP' | 'SIGCONT'): boolean[] => commanders.map(({ child }) => child.kill(name))
t.teardown(() => signal('SIGCONT'))
const live = await LiveClient.open(Number(new URL(gateway.address).port), 'json')
t.teardown(() => live.ws.terminate())

const told: { id: string; command: string }[] = []
const beat = (): void => {
  const now = taiSecondsOf(Date.now())
  const fields = Uint8Array.of(0x80)
  const stamps = { sndStamp: now, rcvStamp: now, seqNum: 1, origin: 1 }
  const sample = { ...stamps, identity: 't', revCode: '', fields, uncatalogued: false }
  broker.publish(heartbeatOf(mount), encodeSample(sample))
}
const timer = setInterval(beat, 500)
t.teardown(() => clearInterval(timer))
broker.subscribe(`${execOf(mount, 'x').slice(0, -1)}*`, message => {
  told.push(parseExecRequest(message))
  message.respond(JSON.stringify({ ack: 303 }))
})

interface Outcome {
  readonly status?: number
  readonly state?: string
  readonly error?: WireError
  readonly warning?: WireError
}

let ids = 0
const newId = (): string => `01jd3v8c6qz5n7k2m4x9w${String(++ids).padStart(5, '0')}`

async function byHttp(id: string, command: string): Promise<Outcome> {
  const answer = await fetch(`${api.address}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id, csc: 'MTMount', index: 0, command })
  })
  return { status: answer.status, ...((await answer.json()) as Outcome) }
}

async function byFrame(id: string, command: string): Promise<Outcome> {
  live.send({ op: 'command', id, csc: 'MTMount', index: 0, command, params: {} })
  const answer = await waitFor(() => live.all('command').find(record => record.id === id), {
    what: 'the answer of the gateway',
    timeoutMs: 20_000
  })
  return 'error' in answer ? { error: answer.error } : answer.accepted
}

const byNats = (id: string, command: string): Promise<Outcome> =>
  broker.request(commandOf(mount, command), JSON.stringify({ id }), { timeoutMs: 5_000 }).then(
    ({ data }) => parseCommandAnswer(data),
    (err: Error) => ({ error: { code: (err as Error & { code: string }).code, message: '', canRetry: true } })
  )

const isAccepted = async (id: string): Promise<boolean> =>
  (await lastMessage(broker, 'COMMANDS', intakeByIdOf(SITE, id))) !== undefined

/** Asks until the commanders answer again and a command went through: what waited before has been read. */
async function goesThrough(command: string): Promise<string> {
  const done = await waitFor(
    async () => {
      const id = newId()
      return (await byHttp(id, command)).state === 'accepted' ? id : undefined
    },
    { what: 'a command is accepted', timeoutMs: 30_000 }
  )
  await waitFor(() => told.some(({ id }) => id === done), { what: 'it is told', timeoutMs: 20_000 })
  return done
}

await goesThrough('disable')

t.test(
  'what was asked while both commanders stood still is never executed, once the doors said so',
  async t => {
    told.length = 0
    signal('SIGSTOP')
    // The commanders read it before the commands: that the mount was not heard is no reason to refuse them.
    beat()
    await broker.flush()
    const asked = Array.from({ length: 6 }, newId)
    const doors = [byHttp, byFrame, byNats]
    const outcomes = await Promise.all(asked.map((id, i) => (doors[i % 3] ?? byHttp)(id, 'enable')))
    for (const [i, { status, error }] of outcomes.entries()) {
      t.equal(error?.code, 'BRK_TIMEOUT')
      if (i % 3 === 0) t.equal(status, 504)
      if (i % 3 !== 2) t.equal(error?.facts?.['id'], asked[i], 'by this id it can be looked up')
    }
    signal('SIGCONT')
    const after = await goesThrough('disable')
    t.same(
      told.map(({ id }) => id),
      [after],
      'only what was asked afterwards'
    )
    for (const id of asked) t.notOk(await isAccepted(id))
  }
)

t.test('a door that still waits hears that its command was too late, and a stop goes out', async t => {
  told.length = 0
  const before = one.lines.length
  signal('SIGSTOP')
  const moving = newId()
  const stopping = newId()
  const answers = Promise.all([byHttp(moving, 'enable'), byHttp(stopping, 'stop'), byNats(newId(), 'stop')])
  // Longer than the event loop of a commander is ever blocked, shorter than the door waits.
  await sleep(2_800)
  signal('SIGCONT')
  const [move, stop, unbounded] = await answers
  t.match(move, { status: 503, error: { code: 'CMD_TOO_LATE', canRetry: true } })
  t.match(stop, { status: 202, state: 'accepted' })
  t.match(unbounded, { error: { code: 'CMD_TOO_LATE' } }, 'nobody knows whether its asker still waits')
  await waitFor(() => told.some(({ id }) => id === stopping), { what: 'the stop is told', timeoutMs: 20_000 })
  t.notOk(await isAccepted(moving))
  t.ok([...one.lines.slice(before), ...two.lines].some(line => line.includes('stood still')))
  t.equal((await byHttp(moving, 'enable')).state, 'accepted', 'asked again under its id it goes')
})
