/** The little MessagePack that a client says: null, booleans, numbers, strings, lists and maps. Reading it is msgpackr's work. */
export function encodeMsgpack(value: unknown): Uint8Array<ArrayBuffer> {
  const out: number[] = []
  write(out, value)
  return Uint8Array.from(out)
}

const text = new TextEncoder()

function write(out: number[], value: unknown): void {
  if (value === null || value === undefined) out.push(0xc0)
  else if (typeof value === 'boolean') out.push(value ? 0xc3 : 0xc2)
  else if (typeof value === 'number') writeNumber(out, value)
  else if (typeof value === 'bigint') writeBigint(out, value)
  else if (typeof value === 'string') writeString(out, value)
  else if (Array.isArray(value)) {
    writeHead(out, value.length, { fix: 0x90, fixMax: 15, wide: 0xdc })
    for (const item of value) write(out, item)
  } else writeMap(out, value)
}

function writeMap(out: number[], value: object): void {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  writeHead(out, entries.length, { fix: 0x80, fixMax: 15, wide: 0xde })
  for (const [key, item] of entries) {
    writeString(out, key)
    write(out, item)
  }
}

function writeString(out: number[], value: string): void {
  const bytes = text.encode(value)
  writeHead(out, bytes.length, { fix: 0xa0, fixMax: 31, wide: 0xda })
  for (const byte of bytes) out.push(byte)
}

function writeHead(
  out: number[],
  length: number,
  kind: { readonly fix: number; readonly fixMax: number; readonly wide: number }
): void {
  if (length <= kind.fixMax) out.push(kind.fix | length)
  else if (length < 0x1_0000) out.push(kind.wide, length >> 8, length & 0xff)
  else writeBig(out, kind.wide + 1, 4, view => view.setUint32(0, length))
}

function writeNumber(out: number[], value: number): void {
  if (!Number.isInteger(value) || Object.is(value, -0))
    writeBig(out, 0xcb, 8, view => view.setFloat64(0, value))
  else if (value >= 0 && value < 128) out.push(value)
  else if (value === (value | 0)) writeBig(out, 0xd2, 4, view => view.setInt32(0, value))
  else if (Number.isSafeInteger(value)) writeBigint(out, BigInt(value))
  else writeBig(out, 0xcb, 8, view => view.setFloat64(0, value))
}

function writeBigint(out: number[], value: bigint): void {
  if (value < 0n) writeBig(out, 0xd3, 8, view => view.setBigInt64(0, value))
  else writeBig(out, 0xcf, 8, view => view.setBigUint64(0, value))
}

function writeBig(out: number[], code: number, bytes: number, set: (view: DataView) => void): void {
  const view = new DataView(new ArrayBuffer(bytes))
  set(view)
  out.push(code, ...new Uint8Array(view.buffer))
}
