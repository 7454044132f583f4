/**
 * Ten thousand clients whose gateway is killed resume on another one at the same moment: each gets everything,
 * the streams are read for all of them together, and memory stays bounded. STORM_CLIENTS makes it smaller.
 */
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { encodeClientFrame, parseServerMessage, type ServerRecord } from '@meridian/protocol/live'
import { createHistory, createPublicationLog, type History, waitFor } from '@meridian/testing'
import t from 'tap'
import { WebSocket } from 'ws'
import { type GatewayProcess, startGateway } from '../test/gateway-process.ts'
import { startObservatory } from '../test/observatory.ts'

const wanted = Number(process.env['STORM_CLIENTS'] ?? 10_000)
/** Each process needs a file for each client, and some for itself. */
const SPARE_FILES = 500
const files = Number(execFileSync('/bin/sh', ['-c', 'ulimit -n']))
const clientCount = Math.min(wanted, files - SPARE_FILES)
const SUBJECTS = 10
const MISSED = 300
const RING_MS = 500
/** Connections that are opened at a time. */
const AT_ONCE = 200
/** Reads of the stream, each by a consumer of its own, for all clients together. */
const MOST_READS = 100
/** Of a gateway, for each client: what it holds, and what waits for it. */
const MOST_KB_PER_CLIENT = 60

t.setTimeout(590_000)
t.comment(`${clientCount} clients${clientCount < wanted ? `: only ${files} files may be open` : ''}`)
const site = await startObservatory()
t.teardown(() => site.stop())
// All clients on one of two gateways is what balance would undo.
const settings = {
  REBALANCE: 'false',
  MAX_CONNECTIONS: String(clientCount + 10),
  MAX_ACCEPTS_PER_SECOND: '10000',
  TARGET_CONNECTIONS: String(clientCount + 10),
  RING_MS: String(RING_MS),
  IDLE_MS: '300000'
}
const start = async (): Promise<GatewayProcess> => {
  const gateway = await startGateway(site.nats.url, settings)
  t.teardown(() => gateway.end('SIGKILL'))
  return gateway
}
const [first, second] = await Promise.all([start(), start()])
const subscription = { id: 1, patterns: [{ pattern: 'evt.summit.Storm.>' }] }

/** One of the many: keeps the cursor, and what it got as a history. */
class StormClient {
  readonly history: History
  readonly #subjects = new Map<number, string>()
  #cursor = ''
  #isLive = false
  received = 0
  ws: WebSocket | undefined

  constructor(history: History) {
    this.history = history
  }

  async connect(port: number): Promise<void> {
    this.#isLive = false
    this.#subjects.clear()
    const ws = new WebSocket(`ws://127.0.0.1:${port}/live`, ['meridian.v1.msgpack'])
    this.ws = ws
    ws.on('error', () => {})
    ws.on('message', data => {
      for (const record of parseServerMessage(data as Buffer)) this.#take(record)
    })
    await once(ws, 'open')
    const frame =
      this.#cursor === ''
        ? ({ op: 'subscribe', ...subscription } as const)
        : ({ op: 'resume', cursor: this.#cursor, subscriptions: [subscription] } as const)
    ws.send(encodeClientFrame('msgpack', frame))
    await waitFor(() => this.#isLive, { what: 'live', timeoutMs: 300_000, everyMs: 100 })
  }

  isClosed(): boolean {
    return this.ws?.readyState === WebSocket.CLOSED
  }

  #take(record: ServerRecord): void {
    if (!('op' in record)) {
      const [topic, , , fields] = record
      this.received++
      this.history.received(this.#subjects.get(topic) ?? `topic ${topic}`, String(fields['n']))
    } else if (record.op === 'topics')
      for (const [id, subject] of record.topics) this.#subjects.set(id, subject)
    else if (record.op === 'cursor' || record.op === 'live') {
      this.#cursor = record.cursor
      this.#isLive ||= record.op === 'live'
    } else if (record.op === 'resumed') this.#resumed(record.streams['EVT'])
  }

  #resumed(outcome: unknown): void {
    if (outcome !== 'resumed') throw new Error(`resumed as ${JSON.stringify(outcome)}`)
  }
}

const residentKb = ({ child }: GatewayProcess): number =>
  Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1])

async function connectAll(clients: readonly StormClient[], port: number): Promise<void> {
  let next = 0
  const worker = async (): Promise<void> => {
    for (let client = clients[next++]; client !== undefined; client = clients[next++])
      await client.connect(port)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

t.test('a storm of resumes loses nothing, and reads each stream once for all', async t => {
  const log = createPublicationLog()
  const publish = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const subject = `evt.summit.Storm.0.topic${n % SUBJECTS}`
      const id = String(log.of(subject).length)
      log.published(subject, id, await site.put(subject, { n: Number(id) }))
    }
  }
  const clients = Array.from({ length: clientCount }, () => new StormClient(createHistory(log)))
  await connectAll(clients, first.port)
  await publish(SUBJECTS)
  const hasAll = (count: number): Promise<unknown> =>
    waitFor(() => clients.every(({ received }) => received >= count), {
      ...{ what: `${count} messages at each client`, timeoutMs: 300_000, everyMs: 200 }
    })
  await hasAll(SUBJECTS)
  const beforeKb = residentKb(second)

  await first.end('SIGKILL')
  await waitFor(() => clients.every(client => client.isClosed()), {
    ...{ what: 'every client to hear of it', timeoutMs: 120_000, everyMs: 100 }
  })
  await publish(MISSED - SUBJECTS)
  // The ring is short, so that what was missed must be read from the stream.
  await sleep(2 * RING_MS)
  await publish(SUBJECTS)
  let reads = 0
  const api = site.broker.subscribe('$JS.API.CONSUMER.CREATE.>', () => reads++)
  const began = performance.now()
  await connectAll(clients, second.port)
  const seconds = (performance.now() - began) / 1000
  await publish(SUBJECTS)
  await hasAll(SUBJECTS + MISSED + SUBJECTS)
  api.unsubscribe()

  const perClientKb = (residentKb(second) - beforeKb) / clientCount
  t.comment(`${seconds.toFixed(1)} s, ${reads} reads of the stream, ${perClientKb.toFixed(1)} KB a client`)
  const reports = clients.map(({ history }) => history.report('all'))
  for (const kind of ['lost', 'duplicated', 'inverted', 'unknown', 'stale'] as const)
    t.same(reports.flatMap(report => report[kind]).slice(0, 10), [], kind)
  t.equal(
    reports.reduce((sum, { received }) => sum + received, 0),
    clientCount * (SUBJECTS + MISSED + SUBJECTS)
  )
  t.ok(reads < MOST_READS, `${reads} reads of the stream`)
  t.ok(perClientKb < MOST_KB_PER_CLIENT, `${perClientKb} KB for each client`)
  for (const { ws } of clients) ws?.terminate()
})
