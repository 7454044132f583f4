import { once } from 'node:events'
import {
  type ClientFrame,
  type ControlRecord,
  type DataRecord,
  encodeClientFrame,
  parseServerMessage,
  type ServerRecord
} from '@meridian/protocol/live'
import { waitFor } from '@meridian/testing'
import { WebSocket } from 'ws'

/** One data record with its subject. */
export interface Seen {
  readonly subject: string
  readonly seq: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** Only a failure takes as long. */
const WAIT_MS = 30_000

type Op = ControlRecord['op']
type RecordOf<O extends Op> = Extract<ControlRecord, { op: O }>

/** A client without any of the SDK's comfort: it keeps every record in order, and asks for no compression. */
export class LiveClient {
  readonly records: ServerRecord[] = []
  readonly seen: Seen[] = []
  readonly subjects = new Map<number, string>()
  cursor = ''
  closed: { code: number; reason: string } | undefined
  readonly ws: WebSocket
  readonly #codec: 'msgpack' | 'json'

  constructor(port: number, codec: 'msgpack' | 'json' = 'msgpack', options: object = {}) {
    this.#codec = codec
    const url = `ws://127.0.0.1:${port}/live`
    this.ws = new WebSocket(url, [`meridian.v1.${codec}`], { perMessageDeflate: false, ...options })
    this.ws.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    this.ws.on('close', (code, reason) => {
      this.closed = { code, reason: reason.toString() }
    })
    this.ws.on('error', () => {})
  }

  static async open(
    port: number,
    codec: 'msgpack' | 'json' = 'msgpack',
    options: object = {}
  ): Promise<LiveClient> {
    const client = new LiveClient(port, codec, options)
    await once(client.ws, 'open')
    return client
  }

  send(frame: ClientFrame): void {
    this.ws.send(encodeClientFrame(this.#codec, frame))
  }

  all<O extends Op>(op: O): RecordOf<O>[] {
    return this.records.filter((r): r is RecordOf<O> => 'op' in r && r.op === op)
  }

  /** Waits until there have been `count` control records of a kind; gives the last of them. */
  async next<O extends Op>(op: O, count = 1): Promise<RecordOf<O>> {
    await waitFor(() => this.all(op).length >= count, { timeoutMs: WAIT_MS, what: `${count} of ${op}` })
    return this.all(op)[count - 1] as RecordOf<O>
  }

  async hasSeen(count: number): Promise<void> {
    await waitFor(() => this.seen.length >= count, { timeoutMs: WAIT_MS, what: `${count} data records` })
  }

  async whenClosed(): Promise<{ code: number; reason: string }> {
    await waitFor(() => this.closed !== undefined, { timeoutMs: WAIT_MS, what: 'the connection to close' })
    return this.closed as { code: number; reason: string }
  }

  #receive(data: Buffer, isBinary: boolean): void {
    for (const record of parseServerMessage(isBinary ? data : data.toString())) {
      this.records.push(record)
      if (isData(record)) this.#data(record)
      else this.#control(record)
    }
  }

  #control(record: ControlRecord): void {
    if (record.op === 'topics') for (const [id, subject] of record.topics) this.subjects.set(id, subject)
    else if (record.op === 'cursor' || record.op === 'live') this.cursor = record.cursor
  }

  #data([topic, seq, , fields]: DataRecord): void {
    const subject = this.subjects.get(topic)
    if (subject === undefined) throw new Error(`topic ${topic} was never announced`)
    this.seen.push({ subject, seq, fields })
  }
}

const isData = (record: ServerRecord): record is DataRecord => Array.isArray(record)
