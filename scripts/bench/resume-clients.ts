import { decodeMsgpack, encodeMsgpack } from '@meridian/msgpack'
import { type BareSocket, openBareSocket } from './bare-socket.ts'

// A process of its own: many clients that remember their cursor. At each port that it is sent, all connect
// there, those that have a cursor with `resume`; it answers `live` when all are. To anything else it answers
// with what they have seen so far.

/** What the bench tells this process, as its only argument. */
export interface ResumePlan {
  readonly clients: number
  readonly patterns: readonly object[]
}

/** What all clients together have seen. */
export interface ResumeCount {
  readonly connected: number
  readonly received: number
  /** Messages that did not follow the one before them; lost, doubled, or in another order. */
  readonly outOfOrder: number
  /** Clients that were told of a gap, or that the cursor is not known. */
  readonly notResumed: number
  readonly cpuUs: number
}

/** Connections that are being opened at a time. */
const AT_ONCE = 200

const plan = JSON.parse(process.argv[2] ?? '{}') as ResumePlan
const total = { connected: 0, received: 0, outOfOrder: 0, notResumed: 0 }

interface Control {
  readonly op: string
  readonly cursor?: string
  readonly streams?: Readonly<Record<string, unknown>>
}

class ResumingClient {
  #cursor = ''
  /** Number of the last message; those before the first `live` are last values, in any order. */
  #last: number | undefined
  #newest = 0

  connect(port: number, onLive: () => void): void {
    openBareSocket({
      ...{ port, path: '/live', protocol: 'meridian.v1.msgpack' },
      onOpen: socket => this.#ask(socket),
      onFrame: payload => this.#read(payload, onLive),
      onClose: () => total.connected--
    })
    total.connected++
  }

  #ask(socket: BareSocket): void {
    const { patterns } = plan
    const frame =
      this.#cursor === ''
        ? { op: 'subscribe', id: 1, patterns }
        : { op: 'resume', cursor: this.#cursor, subscriptions: [{ id: 1, patterns }] }
    socket.send(encodeMsgpack(frame))
  }

  #read(payload: Buffer, onLive: () => void): void {
    for (const record of decodeMsgpack(payload) as (Control | [number, number, number, { n: number }])[])
      if (Array.isArray(record)) this.#take(record[3].n)
      else this.#hear(record, onLive)
  }

  #take(n: number): void {
    this.#newest = Math.max(this.#newest, n)
    if (this.#last === undefined) return
    total.received++
    if (n !== this.#last + 1) total.outOfOrder++
    this.#last = n
  }

  #hear({ op, cursor, streams }: Control, onLive: () => void): void {
    if (cursor !== undefined) this.#cursor = cursor
    if (op === 'error' || op === 'gap' || op === 'reset') total.notResumed++
    if (op === 'resumed' && streams?.['EVT'] !== 'resumed') total.notResumed++
    if (op !== 'live') return
    this.#last ??= this.#newest
    onLive()
  }
}

const clients = Array.from({ length: plan.clients }, () => new ResumingClient())

function connectAll(port: number): void {
  let next = 0
  let live = 0
  const connectNext = (): void => clients[next++]?.connect(port, onLive)
  function onLive(): void {
    if (++live === clients.length) process.send?.('live')
    else connectNext()
  }
  for (let i = 0; i < AT_ONCE; i++) connectNext()
}

process.on('message', message => {
  if (typeof message === 'number') return connectAll(message)
  const { user, system } = process.cpuUsage()
  process.send?.({ ...total, cpuUs: user + system } satisfies ResumeCount)
})
process.on('disconnect', () => process.exit(0))
