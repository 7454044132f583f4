/** The public fields that somebody wants of a topic. One object per distinct set, so that it can be a key of caches. */
export interface Projection {
  readonly names: ReadonlySet<string>
}

/** Only the wanted fields of a MessagePack map, their bytes untouched. `bytes[start..end)` must have passed `checkFields`. */
export function projectFields(bytes: Uint8Array, start: number, end: number, wanted: Projection): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const kept: Buffer[] = []
  let at = bodyOf(source, start)
  while (at < end) {
    const valueAt = skip(source, at)
    const next = skip(source, valueAt)
    if (wanted.names.has(keyOf(source, at, valueAt))) kept.push(source.subarray(at, next))
    at = next
  }
  return Buffer.concat([mapHead(kept.length), ...kept])
}

function mapHead(count: number): Buffer {
  return count < 16 ? Buffer.of(0x80 | count) : Buffer.of(0xde, count >> 8, count & 0xff)
}

/** Where the first key of a map stands. */
function bodyOf(bytes: Buffer, start: number): number {
  const head = bytes[start] as number
  if (head === 0xde) return start + 3
  return head === 0xdf ? start + 5 : start + 1
}

function keyOf(bytes: Buffer, at: number, end: number): string {
  const head = bytes[at] as number
  const prefix = head < 0xc0 ? 1 : 1 + (1 << (head - 0xd9))
  return bytes.toString('utf8', at + prefix, end)
}

/** Bytes of the whole value by its head from 0xc0 where that is fixed; 0 where a length follows. */
const WIDTHS = [
  1, 0, 1, 1, 0, 0, 0, 0, 0, 0, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
] as const

/** The position after the value at `at` of well-formed bytes. */
function skip(bytes: Buffer, at: number): number {
  const head = bytes[at] as number
  if (head < 0x80 || head >= 0xe0) return at + 1
  if (head < 0x90) return skipMany(bytes, at + 1, (head & 0x0f) * 2)
  if (head < 0xa0) return skipMany(bytes, at + 1, head & 0x0f)
  if (head < 0xc0) return at + 1 + (head & 0x1f)
  const width = WIDTHS[head - 0xc0] as number
  return width > 0 ? at + width : skipSized(bytes, at, head)
}

function skipSized(bytes: Buffer, at: number, head: number): number {
  const size = sizeOf(head)
  const count = bytes.readUIntBE(at + 1, size)
  const body = at + 1 + size
  if (head >= 0xde) return skipMany(bytes, body, count * 2)
  return head >= 0xdc ? skipMany(bytes, body, count) : body + count
}

/** Bytes of the length that follows a head. */
function sizeOf(head: number): number {
  if (head >= 0xdc) return head & 1 ? 4 : 2
  return 1 << (head >= 0xd9 ? head - 0xd9 : head - 0xc4)
}

function skipMany(bytes: Buffer, from: number, count: number): number {
  let at = from
  for (let i = 0; i < count; i++) at = skip(bytes, at)
  return at
}
