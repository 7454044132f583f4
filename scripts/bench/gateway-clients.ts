import { inflateRawSync, constants as zlib } from 'node:zlib'
import { decodeMsgpack } from '@meridian/msgpack'
import { eventOf, telemetryOf } from '@meridian/subjects'
import { openBareSocket } from './bare-socket.ts'
import { type DialectName, dialects } from './dialects.ts'

// A process of its own: many WebSocket clients on bare sockets. Each frame is counted from its header and the
// least of its contents; one client in fifty of a gateway decodes all. Speaks over its IPC channel: ready, then
// counts at each 'count'.

/** What the bench tells this process, as its only argument. */
export interface ClientsPlan {
  readonly port: number
  readonly clients: number
  /** What every client subscribes to. */
  readonly patterns: readonly object[]
  /** Default: all patterns in one subscription; true: each in one of its own. */
  readonly apart?: boolean
  /** What every client asks for besides; default: nothing, so that all views are alike. */
  readonly own?: OwnPattern
  /** Default: a gateway's. */
  readonly dialect?: DialectName
  /** Access token that every client shows; default: none. */
  readonly token?: string
  /** Clients offer permessage-deflate. Frames are counted, and messages by the clients that decode. */
  readonly deflate?: boolean
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
  /** Data records in those frames, of all clients together; without those in deflated frames. */
  readonly records: number
  /** Data records of the clients that decode. */
  readonly decoded: number
  readonly decoders: number
  /** Messages that the decoders missed: a field `n` that did not continue. */
  readonly holes: number
  /** Of this whole process, since its start. */
  readonly cpuUs: number
}

const DECODE_EVERY = 50
/** Connections that are being opened at a time. */
const AT_ONCE = 100

const ownPattern: Readonly<Record<OwnPattern, (client: number) => object>> = {
  silent: index => ({ pattern: eventOf({ site: 'summit', csc: 'Nobody', index, topic: 'nothing' }) }),
  telemetry: index => ({
    pattern: telemetryOf({ site: 'summit', csc: 'Bench', index, topic: 'topic' }),
    quality: 'all'
  })
}

const total = { frames: 0, bytes: 0, records: 0, decoded: 0, decoders: 0, holes: 0 }

/** Counts the records of a frame, and what is missing between them where they are numbered. */
function createDecoder(): (payload: Buffer) => void {
  const last = new Map<number, number>()
  total.decoders++
  return payload => {
    for (const record of decodeMsgpack(payload) as unknown[]) {
      if (!Array.isArray(record)) continue
      total.decoded++
      const [topic, , , { n }] = record as [number, number, number, { n?: number }]
      if (n === undefined) continue
      const before = last.get(topic)
      if (before !== undefined && n !== before + 1) total.holes++
      last.set(topic, n)
    }
  }
}

const TAIL = Buffer.of(0, 0, 0xff, 0xff)
const inflate = (payload: Buffer): Buffer =>
  inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: zlib.Z_SYNC_FLUSH })

function startClient(plan: ClientsPlan, number: number, onLive: () => void): void {
  const { port, token, patterns, apart = false, deflate = false, dialect = 'meridian' } = plan
  const { path, protocol, open } = dialects[dialect] as (typeof dialects)['meridian']
  const own = plan.own === undefined ? [] : [ownPattern[plan.own](number)]
  const decode = dialect === 'meridian' && number % DECODE_EVERY === 0 ? createDecoder() : undefined
  let read: ((payload: Buffer) => number) | undefined
  let isLive = false
  openBareSocket({
    ...{ port, path, deflate },
    ...(protocol !== undefined && { protocol }),
    ...(token !== undefined && { token }),
    onOpen(socket) {
      const live = (): void => {
        isLive = true
        onLive()
      }
      read = open({ patterns: [...patterns, ...own], apart }, { send: socket.send, live })
    },
    onFrame(payload, { bytes, isDeflated }) {
      if (!isLive) {
        read?.(isDeflated ? inflate(payload) : payload)
        return
      }
      total.frames++
      total.bytes += bytes
      if (!isDeflated) total.records += read?.(payload) ?? 0
      decode?.(isDeflated ? inflate(payload) : payload)
    }
  })
}

const plan = JSON.parse(process.argv[2] ?? '{}') as ClientsPlan
let started = 0
let live = 0
const startNext = (): void => {
  if (started < plan.clients) startClient(plan, started++, onLive)
}
function onLive(): void {
  if (++live === plan.clients) process.send?.('ready')
  else startNext()
}
for (let i = 0; i < AT_ONCE; i++) startNext()
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ ...total, cpuUs: user + system } satisfies ClientsCount)
})
process.on('disconnect', () => process.exit(0))
