import { decodeMsgpack, encodeMsgpack } from '@meridian/msgpack'

// What the clients of the benches say to a server and how they count what it says: Meridian's own protocol, and
// those of the servers that it is measured against. Counting reads as little as it can.

/** The subscriptions of one client. */
export interface Asked {
  /** Patterns of Meridian, or `{ pattern: topic }` for the others. */
  readonly patterns: readonly object[]
  /** Each pattern in a subscription of its own; the others know no other way. */
  readonly apart: boolean
}

/** What a dialect may do with its connection. */
export interface DialectSocket {
  send(payload: Uint8Array | string): void
  /** All that was asked for is granted; what comes from now on is counted. */
  live(): void
}

/** How one server is spoken to. */
export interface Dialect {
  readonly path: string
  readonly protocol?: string
  /** Asks for everything; the function that it gives says of each frame how many messages it brought. */
  open(asked: Asked, socket: DialectSocket): (payload: Buffer) => number
}

/** Servers that the clients can talk to. */
export type DialectName = keyof typeof dialects

const topicsOf = ({ patterns }: Asked): readonly string[] =>
  patterns.map(pattern => (pattern as { readonly pattern: string }).pattern)

const meridian: Dialect = {
  path: '/live',
  protocol: 'meridian.v1.msgpack',
  open({ patterns, apart }, socket) {
    const groups = apart ? patterns.map(pattern => [pattern]) : [patterns]
    for (const [at, group] of groups.entries())
      socket.send(encodeMsgpack({ op: 'subscribe', id: at + 1, patterns: group }))
    let waiting = groups.length
    return payload => {
      if (waiting === 0) return recordsIn(payload) - (endsWithCursor(payload) ? 1 : 0)
      const records = decodeMsgpack(payload) as { readonly op?: string }[]
      waiting -= records.filter(({ op }) => op === 'live').length
      if (waiting === 0) socket.live()
      return 0
    }
  }
}

/** How many records a frame holds, by the head of its array. */
function recordsIn(payload: Buffer): number {
  const head = payload[0] as number
  if (head === 0xdc) return payload.readUInt16BE(1)
  return head === 0xdd ? payload.readUInt32BE(1) : head & 0x0f
}

/** A cursor is the last record of a frame, and short. */
const CURSOR = Buffer.from('cursor')
const CURSOR_WITHIN = 400
const endsWithCursor = (payload: Buffer): boolean => payload.subarray(-CURSOR_WITHIN).includes(CURSOR)

/** One frame is one message, and every client gets all of them. */
const plain: Dialect = {
  path: '/',
  open(asked, socket) {
    socket.send(JSON.stringify(topicsOf(asked)))
    return payload => {
      if (payload.length > 2) return 1
      socket.live()
      return 0
    }
  }
}

const ENGINE = { open: 0x30, ping: 0x32, message: 0x34 } as const
const SOCKET_EVENT = 0x32
const SOCKET_ACK = 0x33

/** Engine.IO 4 and Socket.IO 5: https://socket.io/docs/v4/engine-io-protocol/. */
const socketIo: Dialect = {
  path: '/socket.io/?EIO=4&transport=websocket',
  open(asked, socket) {
    return payload => {
      const [kind, type] = payload
      if (kind === ENGINE.message && type === SOCKET_EVENT) return 1
      if (kind === ENGINE.ping) socket.send('3')
      else if (kind === ENGINE.open) socket.send('40')
      else if (kind === ENGINE.message && type === SOCKET_ACK) socket.live()
      else socket.send(`420["join",${JSON.stringify(topicsOf(asked))}]`)
      return 0
    }
  }
}

/** Commands and messages in the frames of https://docs.nats.io/reference/reference-protocols/nats-protocol. */
const nats: Dialect = {
  path: '/',
  open(asked, socket) {
    const subs = topicsOf(asked).map((topic, at) => `SUB ${topic} ${at + 1}\r\n`)
    socket.send(Buffer.from(`CONNECT {"verbose":false,"protocol":1}\r\n${subs.join('')}PING\r\n`))
    return createNatsReader(line => {
      if (line.startsWith('PONG')) socket.live()
      else if (line.startsWith('PING')) socket.send(Buffer.from('PONG\r\n'))
      else if (line.startsWith('-ERR')) throw new Error(`nats-server says ${line}`)
    })
  }
}

const LETTER_M = 0x4d

/** Counts the messages of a stream of frames; a message may go over from one frame into the next. */
export function createNatsReader(onLine: (line: string) => void): (payload: Buffer) => number {
  let rest: Buffer = Buffer.alloc(0)
  return payload => {
    const buffer = rest.length === 0 ? payload : Buffer.concat([rest, payload])
    let at = 0
    let messages = 0
    for (let end = endOf(buffer, at); end > 0; end = endOf(buffer, at)) {
      if (buffer[at] === LETTER_M) messages++
      else onLine(buffer.toString('latin1', at, end - 2))
      at = end
    }
    rest = Buffer.from(buffer.subarray(at))
    return messages
  }
}

/** Where the line at `at` ends, with the payload of a message; 0 while it is not whole. */
function endOf(buffer: Buffer, at: number): number {
  const line = buffer.indexOf('\r\n', at)
  if (line < 0) return 0
  if (buffer[at] !== LETTER_M) return line + 2
  const size = Number(buffer.toString('latin1', buffer.lastIndexOf(' ', line) + 1, line))
  const end = line + 2 + size + 2
  return end <= buffer.length ? end : 0
}

const NEW_LINE = 0x0a

/** JSON protocol of Centrifugo: one object a line, https://centrifugal.dev/docs/transports/client_protocol. */
const centrifugo: Dialect = {
  path: '/connection/websocket',
  open(asked, socket) {
    const topics = topicsOf(asked)
    const commands = [
      { id: 1, connect: {} },
      ...topics.map((channel, at) => ({ id: at + 2, subscribe: { channel } }))
    ]
    socket.send(commands.map(command => JSON.stringify(command)).join('\n'))
    let replies = commands.length
    return payload => {
      if (replies === 0) return pushesIn(payload, () => socket.send('{}'))
      for (const line of payload.toString().trim().split('\n')) {
        const reply = JSON.parse(line) as { readonly id?: number; readonly error?: object }
        if (reply.error !== undefined) throw new Error(`Centrifugo says ${line}`)
        if (reply.id !== undefined) replies--
      }
      if (replies === 0) socket.live()
      return 0
    }
  }
}

/** One push a line; an empty object is a ping. */
function pushesIn(payload: Buffer, onPing: () => void): number {
  let lines = 0
  for (let at = payload.indexOf(NEW_LINE); at >= 0; at = payload.indexOf(NEW_LINE, at + 1)) lines++
  if (payload[payload.length - 1] !== NEW_LINE) lines++
  if (payload.length > 3) return lines
  onPing()
  return 0
}

/** Every dialect by the name that a plan gives. */
export const dialects = { meridian, plain, socketIo, nats, centrifugo } as const satisfies Record<
  string,
  Dialect
>
