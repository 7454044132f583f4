const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz'

/**
 * A ULID in lower case: 48 bits of time, 80 random ones. Names a command, so it must never be guessed twice.
 */
export function ulid(nowMs: number): string {
  let text = ''
  for (let i = 0, rest = Math.floor(nowMs); i < 10; i++, rest = Math.floor(rest / 32))
    text = ALPHABET[rest % 32] + text
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) text += ALPHABET[byte % 32]
  return text
}
