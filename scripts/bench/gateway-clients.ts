import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { decodeMsgpack, encodeMsgpack } from '@meridian/msgpack'
import { eventOf, telemetryOf } from '@meridian/subjects'

// A process of its own: many WebSocket clients on bare sockets, as cheap as can be, so that they do not
// measure themselves. Each frame is counted from its header alone; one client in fifty decodes all. Speaks
// over its IPC channel: ready, then counts at each 'count'.

/** What the bench tells this process, as its only argument. */
export interface ClientsPlan {
  readonly port: number
  readonly clients: number
  /** What every client subscribes to, in one subscription. */
  readonly patterns: readonly object[]
  /** What every client asks for besides; default: nothing, so that all views are alike. */
  readonly own?: OwnPattern
}

/**
 * One more pattern for each client, by its number. `silent`: a subject without messages, so that no two views
 * are alike though they get the same records; `telemetry`: topic `Bench.topic` of the instance with its
 * number, which nobody else gets.
 */
export type OwnPattern = 'silent' | 'telemetry'

/** What all clients got since they were live. */
export interface ClientsCount {
  readonly frames: number
  readonly bytes: number
  /** Data records in those frames, of all clients together. */
  readonly records: number
  /** Data records of the clients that decode. */
  readonly decoded: number
  readonly decoders: number
  /** Messages that the decoders missed: a field `n` that did not continue. */
  readonly holes: number
  readonly cpuUs: number
}

const DECODE_EVERY = 50

const ownPattern: Readonly<Record<OwnPattern, (client: number) => object>> = {
  silent: index => ({ pattern: eventOf({ site: 'summit', csc: 'Nobody', index, topic: 'nothing' }) }),
  telemetry: index => ({
    pattern: telemetryOf({ site: 'summit', csc: 'Bench', index, topic: 'topic' }),
    quality: 'all'
  })
}

const total = { frames: 0, bytes: 0, records: 0, decoded: 0, decoders: 0, holes: 0 }

function maskedFrame(payload: Uint8Array): Buffer {
  const mask = randomBytes(4)
  const head = Buffer.from([0x82, 0x80 | 126, payload.length >> 8, payload.length & 0xff, ...mask])
  return Buffer.concat([head, Buffer.from(payload.map((byte, i) => byte ^ (mask[i & 3] as number)))])
}

/** Where a frame's payload begins and ends in `buffer`, or undefined while it is not whole. */
function frameAt(buffer: Buffer, at: number): { start: number; end: number } | undefined {
  if (buffer.length < at + 2) return undefined
  const short = (buffer[at + 1] as number) & 0x7f
  if (short < 126) return within(buffer, at + 2, short)
  if (buffer.length < at + 10) return undefined
  if (short === 126) return within(buffer, at + 4, buffer.readUInt16BE(at + 2))
  return within(buffer, at + 10, buffer.readUInt32BE(at + 6))
}

const within = (buffer: Buffer, start: number, length: number): { start: number; end: number } | undefined =>
  start + length <= buffer.length ? { start, end: start + length } : undefined

/** How many records a frame's payload holds, by the head of its array. */
function recordsIn(buffer: Buffer, at: number): number {
  const head = buffer[at] as number
  if (head === 0xdc) return buffer.readUInt16BE(at + 1)
  return head === 0xdd ? buffer.readUInt32BE(at + 1) : head & 0x0f
}

class BareClient {
  readonly #socket: Socket
  readonly #decodes: boolean
  readonly #last = new Map<number, number>()
  readonly #onLive: () => void
  #rest: Buffer = Buffer.alloc(0)
  #state: 'upgrading' | 'joining' | 'live' = 'upgrading'

  constructor(plan: ClientsPlan, number: number, onLive: () => void) {
    this.#decodes = number % DECODE_EVERY === 0
    if (this.#decodes) total.decoders++
    this.#onLive = onLive
    this.#socket = connect(plan.port, '127.0.0.1')
    this.#socket.on('data', data => this.#receive(data))
    this.#socket.write(
      `GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Protocol: meridian.v1.msgpack\r\n\r\n`
    )
    const own = plan.own === undefined ? [] : [ownPattern[plan.own](number)]
    this.#socket.write(
      maskedFrame(encodeMsgpack({ op: 'subscribe', id: 1, patterns: [...plan.patterns, ...own] }))
    )
  }

  #receive(data: Buffer): void {
    let buffer = this.#rest.length === 0 ? data : Buffer.concat([this.#rest, data])
    if (this.#state === 'upgrading') {
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) {
        this.#rest = buffer
        return
      }
      buffer = buffer.subarray(end + 4)
      this.#state = 'joining'
    }
    let at = 0
    for (let frame = frameAt(buffer, at); frame !== undefined; frame = frameAt(buffer, at)) {
      this.#frame(buffer, at, frame.start, frame.end)
      at = frame.end
    }
    this.#rest = at === buffer.length ? Buffer.alloc(0) : buffer.subarray(at)
  }

  #frame(buffer: Buffer, at: number, start: number, end: number): void {
    if (buffer[at] !== 0x82) return
    if (this.#state === 'joining') {
      this.#join(buffer.subarray(start, end))
      return
    }
    total.frames++
    total.bytes += end - at
    // The last record of a frame with data of `all` is its cursor.
    total.records += recordsIn(buffer, start) - 1
    if (this.#decodes) this.#decode(decodeMsgpack(buffer.subarray(start, end)) as unknown[])
  }

  #join(payload: Buffer): void {
    const records = decodeMsgpack(payload) as { op?: string }[]
    if (!records.some(record => record.op === 'live')) return
    this.#state = 'live'
    this.#onLive()
  }

  #decode(records: unknown[]): void {
    for (const record of records) {
      if (!Array.isArray(record)) continue
      total.decoded++
      const [topic, , , { n }] = record as [number, number, number, { n: number }]
      const last = this.#last.get(topic)
      if (last !== undefined && n !== last + 1) total.holes++
      this.#last.set(topic, n)
    }
  }
}

const plan = JSON.parse(process.argv[2] ?? '{}') as ClientsPlan
let live = 0
for (let i = 0; i < plan.clients; i++)
  new BareClient(plan, i, () => {
    if (++live === plan.clients) process.send?.('ready')
  })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ ...total, cpuUs: user + system } satisfies ClientsCount)
})
process.on('disconnect', () => process.exit(0))
