import { putTextHead } from './put-number.ts'

/** The name of a field as it stands before its value: MessagePack text, head included. */
export function keyBytesOf(name: string): Uint8Array {
  const text = new TextEncoder().encode(name)
  const out = new Uint8Array(text.length + 5)
  const from = putTextHead(out, 0, text.length)
  out.set(text, from)
  return out.subarray(0, from + text.length)
}
