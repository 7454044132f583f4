import {
  type ControlRecord,
  type DataRecord,
  encodeClientFrame,
  parseServerMessage,
  type ServerRecord,
  type StreamGap
} from '@meridian/protocol/live'
import { WebSocket } from 'ws'

/** What a plain client of one stream is told, and whom it tells. */
export interface RawClientOptions {
  /** The gateways, one after the other. */
  readonly ports: readonly number[]
  readonly codec: 'msgpack' | 'json'
  readonly stream: string
  readonly pattern: string
  onData(subject: string, fields: Readonly<Record<string, unknown>>): void
  onGap(gap: StreamGap): void
  onAnew(why: 'reset' | 'snapshot'): void
}

/** A connection from which nothing came for so long is left; pings are answered in time. */
const SILENCE_MS = 6_000
const PING_MS = 1_000
const RETRY_MS = 250
const ID = 1

/**
 * A client without any of the SDK's comfort: it keeps the cursor and resumes on the next gateway, and believes
 * what it is told. What comes between `resumed` and `live` counts once it is complete. Returns what ends it.
 */
export function createRawClient(options: RawClientOptions): () => void {
  const { ports, codec, pattern } = options
  let turn = 0
  let cursor = ''
  let isClosed = false
  let ws: WebSocket | undefined

  const open = (): void => {
    if (isClosed) return
    const connection = createConnection(options, {
      isResume: cursor !== '',
      onCursor: next => (cursor = next)
    })
    const socket = new WebSocket(`ws://127.0.0.1:${ports[turn++ % ports.length]}/live`, [
      `meridian.v1.${codec}`
    ])
    ws = socket
    let heardMs = performance.now()
    const timer = setInterval(() => {
      if (performance.now() - heardMs > SILENCE_MS) socket.terminate()
      else if (socket.readyState === WebSocket.OPEN)
        socket.send(encodeClientFrame(codec, { op: 'ping', id: ID }))
    }, PING_MS)
    const subscription = { id: ID, patterns: [{ pattern, quality: 'all' as const }] }
    socket.on('open', () =>
      socket.send(
        encodeClientFrame(
          codec,
          cursor === ''
            ? { op: 'subscribe', ...subscription }
            : { op: 'resume', cursor, subscriptions: [subscription] }
        )
      )
    )
    socket.on('message', (data, isBinary) => {
      heardMs = performance.now()
      connection(parseServerMessage(isBinary ? (data as Buffer) : data.toString()))
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearInterval(timer)
      setTimeout(open, RETRY_MS)
    })
  }
  open()
  return () => {
    isClosed = true
    ws?.terminate()
  }
}

interface ConnectionParts {
  readonly isResume: boolean
  readonly onCursor: (cursor: string) => void
}

/** What one connection has been told; gives what takes its messages. */
function createConnection(
  { stream, onData, onGap, onAnew }: RawClientOptions,
  { isResume, onCursor }: ConnectionParts
): (records: readonly ServerRecord[]) => void {
  const subjects = new Map<number, string>()
  let answer: (() => void)[] | undefined = []
  const after = (act: () => void): void => {
    if (answer === undefined) act()
    else answer.push(act)
  }
  const data = ([topic, , , fields]: DataRecord): void => {
    const subject = subjects.get(topic)
    if (subject === undefined) throw new Error(`topic ${topic} was never announced`)
    after(() => onData(subject, fields))
  }
  const live = (cursor: string): void => {
    const acts = answer ?? []
    answer = undefined
    if (!isResume) onAnew('snapshot')
    for (const act of acts) act()
    onCursor(cursor)
  }
  const resumed = ({ streams }: Extract<ControlRecord, { op: 'resumed' }>): void => {
    const outcome = streams[stream]
    if (outcome === 'snapshot') after(() => onAnew('snapshot'))
    else if (typeof outcome === 'object') after(() => onGap(outcome.gap))
  }
  const told = (record: ControlRecord): void => {
    if (record.op === 'gap') after(() => onGap(record))
    else if (record.op === 'reset') after(() => onAnew('reset'))
    else if (record.op === 'error') throw new Error(`refused: ${record.error.message}`)
  }
  const announced = ({ topics }: Extract<ControlRecord, { op: 'topics' }>): void => {
    for (const [id, subject] of topics) subjects.set(id, subject)
  }
  const control = (record: ControlRecord): void => {
    if (record.op === 'topics') announced(record)
    else if (record.op === 'live') live(record.cursor)
    else if (record.op === 'cursor') after(() => onCursor(record.cursor))
    else if (record.op === 'resumed') resumed(record)
    else if (!('stream' in record) || record.stream === stream) told(record)
  }
  return records => {
    for (const record of records) {
      if ('op' in record) control(record)
      else data(record)
    }
  }
}
