import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { constants, inflateRawSync } from 'node:zlib'
import { waitFor } from '@meridian/testing'

/** Opcodes of RFC 6455. */
export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** A WebSocket frame as it goes over the wire. */
export interface WireFrame {
  readonly opcode: number
  readonly payload?: Uint8Array | string
  /** Default: true. */
  readonly fin?: boolean
  /** The three reserved bits; default: 0. */
  readonly rsv?: number
  /** Default: true, as a client must. */
  readonly masked?: boolean
}

/** The bytes of a frame of a client. */
export function wireFrameOf({ opcode, payload = '', fin = true, rsv = 0, masked = true }: WireFrame): Buffer {
  const data = Buffer.from(payload)
  const mask = masked ? randomBytes(4) : Buffer.alloc(0)
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode
  const body = masked ? data.map((byte, i) => byte ^ (mask[i % 4] as number)) : data
  return Buffer.concat([Buffer.of(first), lengthOf(data.length, masked), mask, body])
}

function lengthOf(length: number, masked: boolean): Buffer {
  const bit = masked ? 0x80 : 0
  if (length < 126) return Buffer.of(bit | length)
  const bytes = Buffer.alloc(length <= 0xffff ? 3 : 9)
  bytes[0] = bit | (length <= 0xffff ? 126 : 127)
  if (length <= 0xffff) bytes.writeUInt16BE(length, 1)
  else bytes.writeBigUInt64BE(BigInt(length), 1)
  return bytes
}

/** Bytes of an unmasked header by the short form of its length, where that stands for a longer one. */
const HEADER_BYTES = new Map([
  [126, 4],
  [127, 10]
])

function lengthIn(frame: Buffer, short: number): number {
  if (short === 126) return frame.readUInt16BE(2)
  return short === 127 ? Number(frame.readBigUInt64BE(2)) : short
}

/** A frame that the server sent. */
export interface ServerFrame {
  readonly opcode: number
  /** RSV1: its payload is deflated. */
  readonly isDeflated: boolean
  readonly payload: Buffer
}

/** The text of a message, as a client reads it that keeps no context. */
export function textOf({ payload, isDeflated }: ServerFrame): string {
  if (!isDeflated) return payload.toString()
  const whole = Buffer.concat([payload, Buffer.of(0, 0, 0xff, 0xff)])
  return inflateRawSync(whole, { finishFlush: constants.Z_SYNC_FLUSH }).toString()
}

/** What an answer to an upgrade says of extensions. */
const extensionsIn = (head: string): string =>
  /^sec-websocket-extensions: *(.*)$/im.exec(head)?.[1]?.trim() ?? ''

/** Only a failure takes as long. */
const WAIT_MS = 60_000

/**
 * One connection to `/live` without any WebSocket library. It holds the server to RFC 6455: whole unmasked
 * frames with the shortest form of their length and without reserved bits, but for RSV1 of messages where
 * compression was negotiated; `fault` says what was wrong.
 */
export class RawSocket {
  readonly frames: ServerFrame[] = []
  readonly socket: Socket
  /** What the server took of our offers; empty: nothing. */
  extensions = ''
  fault: string | undefined
  isEnded = false
  #rest = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setNoDelay(true)
    socket.on('error', () => {})
    socket.on('close', () => {
      this.isEnded = true
    })
  }

  /** `offers` is the header of extensions. Throws the answer where the upgrade is refused. */
  static async open(port: number, codec: 'json' | 'msgpack' = 'json', offers?: string): Promise<RawSocket> {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      [
        ...['GET /live HTTP/1.1', `Host: 127.0.0.1:${port}`, 'Upgrade: websocket', 'Connection: Upgrade'],
        ...[`Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`, 'Sec-WebSocket-Version: 13'],
        ...(offers === undefined ? [] : [`Sec-WebSocket-Extensions: ${offers}`]),
        ...[`Sec-WebSocket-Protocol: meridian.v1.${codec}`, '\r\n']
      ].join('\r\n')
    )
    const raw = new RawSocket(socket)
    let head = Buffer.alloc(0)
    while (!head.includes('\r\n\r\n')) {
      const [chunk] = (await once(socket, 'data')) as [Buffer]
      head = Buffer.concat([head, chunk])
    }
    if (!head.toString().startsWith('HTTP/1.1 101 ')) throw new Error(head.toString())
    raw.extensions = extensionsIn(head.toString())
    raw.#read(head.subarray(head.indexOf('\r\n\r\n') + 4))
    socket.on('data', (data: Buffer) => raw.#read(data))
    return raw
  }

  /** Writes bytes, in pieces of `chop` bytes that leave one by one; default: at once. */
  async write(bytes: Uint8Array, chop = bytes.length): Promise<void> {
    for (let at = 0; at < bytes.length && !this.socket.destroyed; at += chop) {
      this.socket.write(bytes.subarray(at, at + chop))
      if (chop < bytes.length) await new Promise(resolve => setImmediate(resolve))
    }
  }

  send(frame: WireFrame): Promise<void> {
    return this.write(wireFrameOf(frame))
  }

  /** Records of the text messages that came. */
  records(): Record<string, unknown>[] {
    return this.frames
      .filter(({ opcode }) => opcode === OPCODE.text)
      .flatMap(frame => JSON.parse(textOf(frame)) as Record<string, unknown>[])
  }

  /** The code of the server's close frame: 1005 for one without; undefined: none came. */
  closeCode(): number | undefined {
    const close = this.frames.find(({ opcode }) => opcode === OPCODE.close)
    if (close === undefined) return undefined
    return close.payload.length < 2 ? 1005 : close.payload.readUInt16BE(0)
  }

  async whenEnded(what: string): Promise<void> {
    await waitFor(() => this.isEnded, { what: `${what}: the end of the connection`, timeoutMs: WAIT_MS })
  }

  async whenTrue(isTrue: () => boolean, what: string): Promise<void> {
    await waitFor(() => isTrue() || this.isEnded, { what, timeoutMs: WAIT_MS })
  }

  #read(data: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, data])
    for (let end = this.#frameEnd(); end !== undefined; end = this.#frameEnd())
      this.#rest = this.#rest.subarray(end)
  }

  /** Takes one frame where it is whole; gives where it ends. */
  #frameEnd(): number | undefined {
    const rest = this.#rest
    if (rest.length < 2) return undefined
    const [first = 0, second = 0] = rest
    const short = second & 0x7f
    const start = HEADER_BYTES.get(short) ?? 2
    if (rest.length < start) return undefined
    const length = lengthIn(rest, short)
    if (rest.length < start + length) return undefined
    const isDeflated = (first & 0x40) !== 0
    const mayBeDeflated = this.extensions !== '' && (first & 0x0f) <= OPCODE.binary
    if ((first & (mayBeDeflated ? 0xb0 : 0xf0)) !== 0x80) this.fault ??= `first byte 0x${first.toString(16)}`
    if ((second & 0x80) !== 0) this.fault ??= 'a masked frame'
    if (start !== lengthOf(length, false).length + 1) this.fault ??= `length ${length} in ${start} bytes`
    if (this.frames.some(({ opcode }) => opcode === OPCODE.close))
      this.fault ??= 'a frame behind the close frame'
    const payload = Buffer.from(rest.subarray(start, start + length))
    this.frames.push({ opcode: first & 0x0f, isDeflated, payload })
    return start + length
  }
}
