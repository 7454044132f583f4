import { EMPTY_KEY } from './key-text.ts'

/** Longest token of a subject; a longer key is cut and given a hash. */
export const MAX_TOKEN = 120

const HASH_DIGITS = 16
const JOINT = '=2E'

/**
 * The subject token of the values of a topic's key fields [docs/subjects.md]: letters, digits, '-' and '_'
 * stand, every other byte of UTF-8 is =HH, several keys are joined by =2E. Beyond 120 characters it is cut
 * and ends in `=-` and a hash of the whole. Case is kept.
 */
export function keyToken(values: readonly unknown[]): string {
  const whole = values.map(value => encodeKey(value === undefined ? '' : String(value))).join(JOINT)
  if (whole === '') return EMPTY_KEY
  return whole.length <= MAX_TOKEN ? whole : cut(whole)
}

const PLAIN = /^[A-Za-z0-9_-]*$/
const encoder = new TextEncoder()

function encodeKey(text: string): string {
  if (PLAIN.test(text)) return text
  let token = ''
  for (const byte of encoder.encode(text)) token += CHARACTERS[byte]
  return token
}

/** Every byte as it stands in a token. */
const CHARACTERS: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte)
  return byte < 0x80 && PLAIN.test(char) ? char : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`
})

function cut(whole: string): string {
  const room = MAX_TOKEN - HASH_DIGITS - 2
  // Never through the middle of an =HH, nor of a character of several bytes: the hash tells apart what the
  // cut made equal.
  const kept = whole
    .slice(0, room)
    .replace(/=[0-9A-F]?$/, '')
    .replace(/=[C-F][0-9A-F](?:=[89AB][0-9A-F])*$/, '')
  return `${kept}=-${hashOf(whole, 0x811c9dc5)}${hashOf(whole, 0x9747b28c)}`
}

/** FNV-1a with its bits mixed once more, eight hex digits; two seeds make sixty-four bits. */
function hashOf(text: string, seed: number): string {
  let hash = seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash ^= hash >>> 13
  return (hash >>> 0).toString(16).padStart(8, '0')
}
