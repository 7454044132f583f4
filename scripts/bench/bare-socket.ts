import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'

// A WebSocket client on a bare socket, as cheap as can be, so that a load generator does not measure itself. It
// hands over whole frames, answers pings, and takes the server at its word: no checks, no fragments.

/** Where a bare socket connects, what it offers, and whom it tells. */
export interface BareSocketOptions {
  readonly port: number
  readonly path: string
  /** Sub-protocol to ask for; default: none. */
  readonly protocol?: string
  /** Access token to show; default: none. */
  readonly token?: string
  /** Offers permessage-deflate without context takeover; default: nothing is offered. */
  readonly deflate?: boolean
  /** The upgrade was answered. */
  onOpen(socket: BareSocket): void
  /** A text or binary frame, in bytes that are only good until the function returns. */
  onFrame(payload: Buffer, frame: FrameHead): void
  /** The connection ended, by whichever side. Default: that is an error, which ends the process. */
  onClose?(): void
}

/** What the header of a received frame says. */
export interface FrameHead {
  /** Of the whole frame, header included. */
  readonly bytes: number
  readonly isDeflated: boolean
}

/** A connection on which text and binary frames can be sent, without a library in between. */
export interface BareSocket {
  send(payload: Uint8Array | string): void
  end(): void
}

const TEXT = 0x81
const BINARY = 0x82
const PING = 0x89
const PONG = 0x8a
const RSV1 = 0x40
const OPENED = 'HTTP/1.1 101 '
const NOTHING = Buffer.alloc(0)

/** Opens a connection. Throws, out of the event loop, where the server refuses the upgrade. */
export function openBareSocket(options: BareSocketOptions): void {
  const socket = connect(options.port, '127.0.0.1')
  const bare: BareSocket = {
    send: payload =>
      void socket.write(maskedFrame(typeof payload === 'string' ? TEXT : BINARY, Buffer.from(payload))),
    end: () => void socket.destroy()
  }
  const pong = (payload: Buffer): void => void socket.write(maskedFrame(PONG, payload))
  let rest: Buffer = NOTHING
  let isOpen = false
  socket.setNoDelay(true)
  socket.write(upgradeOf(options))
  socket.on('error', () => {})
  socket.on('close', options.onClose ?? lost)
  socket.on('data', data => {
    let buffer = rest.length === 0 ? data : Buffer.concat([rest, data])
    if (!isOpen) {
      const at = bodyAt(buffer)
      isOpen = at > 0
      if (isOpen) options.onOpen(bare)
      buffer = buffer.subarray(at)
    }
    rest = isOpen ? readFrames(buffer, options.onFrame, pong) : buffer
  })
}

/** Hands over the whole frames of a buffer and gives what is left of it. */
function readFrames(
  buffer: Buffer,
  onFrame: BareSocketOptions['onFrame'],
  pong: (payload: Buffer) => void
): Buffer {
  let at = 0
  for (let frame = frameAt(buffer, at); frame !== undefined; frame = frameAt(buffer, at)) {
    const head = buffer[at] as number
    const payload = buffer.subarray(frame.start, frame.end)
    const kind = head & ~RSV1
    if (kind === PING) pong(payload)
    else if (kind === TEXT || kind === BINARY)
      onFrame(payload, { bytes: frame.end - at, isDeflated: (head & RSV1) !== 0 })
    at = frame.end
  }
  return at === buffer.length ? NOTHING : buffer.subarray(at)
}

function lost(): never {
  throw new Error('the server ended a connection')
}

function upgradeOf({ port, path, protocol, token, deflate }: BareSocketOptions): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
    ...(token === undefined ? [] : [`Authorization: Bearer ${token}`]),
    ...(deflate === true
      ? [
          'Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover'
        ]
      : []),
    '\r\n'
  ].join('\r\n')
}

/** Where the frames begin; 0 while the answer to the upgrade is not whole. */
function bodyAt(buffer: Buffer): number {
  const end = buffer.indexOf('\r\n\r\n')
  if (end < 0) return 0
  const head = buffer.toString('latin1', 0, end)
  if (!head.startsWith(OPENED)) throw new Error(`the server refused a client: ${head.split('\r\n')[0]}`)
  return end + 4
}

/** Frames of up to 64 KiB, which is more than a client here says. */
function maskedFrame(opcode: number, payload: Buffer): Buffer {
  const mask = randomBytes(4)
  const { length } = payload
  const size = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff]
  return Buffer.concat([
    Buffer.of(opcode, ...size),
    mask,
    payload.map((byte, i) => byte ^ (mask[i & 3] as number))
  ])
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
