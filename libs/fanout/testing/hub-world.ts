// A hub with clients and a store, without sockets and a broker.
import { encodeMsgpack } from '@meridian/msgpack'
import {
  type Codec,
  type DataRecord,
  decodeCursor,
  parseServerMessage,
  type ServerRecord
} from '@meridian/protocol/live'
import { encodeSample } from '@meridian/sample'
import { traitsOf } from '@meridian/subjects'
import {
  createHub,
  createWorkTurns,
  type Frame,
  type HistorySource,
  type Hub,
  payloadOf,
  type StoredMessage,
  type WorkTurns
} from '../src/index.ts'

/** Turns that never end: what is asked for is done at once. */
export const atOnce = () => createWorkTurns(() => 0)

export const streams = [traitsOf('TEL'), traitsOf('EVT'), traitsOf('COMMANDS')]

export const sample = (fields: Record<string, unknown>, sndStamp = 1000.5): Uint8Array =>
  encodeSample({
    sndStamp,
    rcvStamp: 0,
    seqNum: 1,
    origin: 1,
    identity: '',
    revCode: '',
    fields: encodeMsgpack(fields),
    uncatalogued: false
  })

/** What a source says of streams from which nobody has removed anything. */
export const nothingRemoved: Pick<HistorySource, 'holes' | 'subjectsIn' | 'forgotten'> = {
  holes: async () => [],
  subjectsIn: async () => [],
  forgotten: async () => ({ has: () => false, countRemoved: async () => 0, upToOf: () => 0 })
}

/** A stream that is remembered whole, as a broker would. */
export function createSource(): HistorySource & {
  stored: Map<string, StoredMessage[]>
  epoch: string
  firstSeq: number
  reads: number
} {
  const stored = new Map<string, StoredMessage[]>()
  return {
    ...nothingRemoved,
    stored,
    epoch: 'e1',
    firstSeq: 1,
    reads: 0,
    async range(stream) {
      const lastSeq = stored.get(stream)?.at(-1)?.seq ?? 0
      const { length: holes } = await this.holes(stream)
      return { epoch: this.epoch, firstSeq: this.firstSeq, lastSeq, holes, maxPerSubject: 5 }
    },
    async holes(stream) {
      const held = new Set(stored.get(stream)?.map(({ seq }) => seq))
      const holes: number[] = []
      for (let seq = this.firstSeq; seq < Math.max(0, ...held); seq++) if (!held.has(seq)) holes.push(seq)
      return holes
    },
    async subjectsIn(stream, { from, to }) {
      return stored.get(stream)?.filter(({ seq }) => seq >= from && seq <= to) ?? []
    },
    async storedAt(stream, seq) {
      return seq < this.firstSeq ? undefined : stored.get(stream)?.find(m => m.seq === seq)?.timeUs
    },
    async read({ stream, fromSeq, toSeq }) {
      this.reads++
      const isWanted = ({ seq }: StoredMessage): boolean =>
        seq >= fromSeq && seq <= toSeq && seq >= this.firstSeq
      return { messages: stored.get(stream)?.filter(isWanted) ?? [], upTo: toSeq }
    }
  }
}

export const isData = (record: ServerRecord): record is DataRecord => Array.isArray(record)

/** A client of a hub without a socket: keeps what it was sent, and reads it as a client does. */
export class Client {
  readonly records: ServerRecord[] = []
  readonly frames: Frame[] = []
  readonly names = new Map<number, string>()
  buffered = 0
  /** Whether what is written waits for good. */
  stalls = false
  slow = 0
  work = 0
  readonly subscriber
  constructor(hub: Hub, codec: Codec = 'msgpack') {
    this.subscriber = hub.attach(
      {
        write: frame => {
          this.frames.push(frame)
          if (this.stalls) this.buffered += frame.buffer.length
          const message = codec === 'json' ? payloadOf(frame).toString() : payloadOf(frame)
          for (const record of parseServerMessage(message)) this.#receive(record)
        },
        bufferedBytes: () => this.buffered
      },
      codec,
      { onSlow: () => this.slow++, account: { owedMs: () => 0, spend: units => (this.work += units) } }
    )
  }
  #receive(record: ServerRecord): void {
    this.records.push(record)
    if ('op' in record && record.op === 'topics')
      for (const [id, subject] of record.topics) this.names.set(id, subject)
  }
  subscribe(hub: Hub, id: number, ...patterns: Parameters<Hub['readPattern']>[0][]): void {
    void this.subscribed(hub, id, ...patterns)
  }
  subscribed(hub: Hub, id: number, ...patterns: Parameters<Hub['readPattern']>[0][]): void | Promise<void> {
    return this.subscriber.subscribe(() => ({
      id,
      patterns: patterns.map(p => hub.readPattern(p)),
      refused: []
    }))
  }
  resume(hub: Hub, cursor: string, ...patterns: Parameters<Hub['readPattern']>[0][]): Promise<void> {
    return this.subscriber.resume(decodeCursor(cursor), () => [
      { id: 1, patterns: patterns.map(p => hub.readPattern(p)), refused: [] }
    ])
  }
  /** Data as `[subject, seq, fields]`, and forgets it. */
  take(): readonly unknown[] {
    const data = this.records.filter(isData).map(r => [this.names.get(r[0]), r[1], r[3]])
    this.records.length = 0
    return data
  }
  seqs(): readonly unknown[] {
    return this.take().map(d => (d as readonly unknown[])[1])
  }
  ops(): readonly string[] {
    return this.records.map(r => ('op' in r ? r.op : 'data'))
  }
  cursor(): string {
    const last = this.records.filter(r => 'op' in r && (r.op === 'cursor' || r.op === 'live')).at(-1)
    return (last as { cursor?: string } | undefined)?.cursor ?? 'none'
  }
}

/** A hub, and the stored messages that it may read. */
export interface World {
  hub: Hub
  source: ReturnType<typeof createSource>
  put(stream: string, seq: number, subject: string, data?: Uint8Array, timeUs?: number): void
}
export function createWorld(
  options: {
    source?: ReturnType<typeof createSource>
    ringMs?: number
    maxWaitingBytes?: number
    /** Default: everything is done at once. */
    turns?: WorkTurns
  } = {}
): World {
  const source = options.source ?? createSource()
  const hub = createHub({
    streams,
    history: source,
    ring: { ms: options.ringMs ?? 30_000, bytes: 1 << 20 },
    lagMs: 100,
    ...(options.maxWaitingBytes !== undefined && { maxWaitingBytes: options.maxWaitingBytes }),
    turns: options.turns ?? atOnce()
  })
  return {
    hub,
    source,
    put(stream, seq, subject, data = sample({ n: seq }), timeUs = seq * 1000) {
      const stored = { seq, timeUs, subject, data }
      const list = source.stored.get(stream) ?? []
      source.stored.set(stream, list)
      if (list.every(m => m.seq !== seq)) list.push(stored)
      hub.message(stream, stored)
    }
  }
}
export const warmAll = (hub: Hub, epoch = 'e1'): void => {
  for (const { name } of streams) hub.warm(name, { epoch, seq: 0, timeUs: 0 })
}
export const evt = (topic: string): string => `evt.summit.MTMount.0.${topic}`
export const tel = (topic: string): string => `tel.summit.MTMount.0.${topic}`
