/**
 * The token of an empty key: a lone '=' cannot come out of the encoding, so it is free to say "no text at
 * all".
 */
export const EMPTY_KEY = '='

/** What a key token says, for people: the keys joined by '.'. A cut one ends in '…'. */
export function keyTextOf(token: string): string {
  if (token === EMPTY_KEY) return ''
  const [text = '', hash] = token.split('=-')
  const bytes = text.replaceAll(/=([0-9A-F]{2})/g, '%$1')
  try {
    return decodeURIComponent(bytes) + (hash === undefined ? '' : '…')
  } catch {
    return token
  }
}
