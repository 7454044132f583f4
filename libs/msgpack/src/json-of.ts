/** Whether a -0 was met since `jsonOf` began: JSON.stringify writes it as 0. */
let hasMinusZero = false

/**
 * JSON for people and clients, of what decoding gives: NaN and the infinities as "NaN", "Infinity",
 * "-Infinity", integers beyond 2^53 as strings, bytes of a MessagePack `bin` as base64, and -0 as `-0.0`.
 */
export function jsonOf(value: unknown): string {
  hasMinusZero = false
  const text = JSON.stringify(value, jsonValueOf)
  return hasMinusZero ? writeSigned(value) : text
}

function jsonValueOf(this: unknown, key: string, value: unknown): unknown {
  if (typeof value === 'number') {
    hasMinusZero ||= Object.is(value, -0)
    return Number.isFinite(value) ? value : String(value)
  }
  if (typeof value === 'bigint') return String(value)
  // A Buffer has a toJSON, which runs before the replacer: look at the holder.
  const held = (this as Record<string, unknown>)[key]
  return held instanceof Uint8Array ? base64Of(held) : value
}

/** The same text piece by piece, which costs several times as much, with every -0. */
function writeSigned(value: unknown): string {
  if (Object.is(value, -0)) return '-0.0'
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array)
    return JSON.stringify(value, jsonValueOf) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(writeSigned).join(',')}]`
  const properties = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return `{${properties.map(([key, inner]) => `${JSON.stringify(key)}:${writeSigned(inner)}`).join(',')}}`
}

function base64Of(bytes: Uint8Array): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}
