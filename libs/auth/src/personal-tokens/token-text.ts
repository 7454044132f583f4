import { randomInt } from 'node:crypto'
import { crc32 } from 'node:zlib'

// `mrd_<id><secret><checksum>`, 12, 32 and 6 letters or digits: scanners for secrets find one by its beginning, its
// length and its checksum, and who copied a part of one is told so before anything is looked up.

/** A personal token as its text says it: which stored one it claims to be, and the secret that proves it. */
export interface PersonalToken {
  readonly id: string
  readonly secret: string
}

const PREFIX = 'mrd_'
const LETTERS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const CHECKSUM = 6
const FORM = /^mrd_([0-9A-Za-z]{12})([0-9A-Za-z]{32})([0-9A-Za-z]{6})$/

/** Whether a text is meant as a personal token, as opposed to an access token. */
export const isPersonalToken = (text: string): boolean => text.startsWith(PREFIX)

/** A new token: its secret has 190 bits. */
export const newPersonalToken = (): PersonalToken => ({ id: randomLetters(12), secret: randomLetters(32) })

/** A token as it is shown, once. */
export function personalTokenText({ id, secret }: PersonalToken): string {
  const text = `${PREFIX}${id}${secret}`
  return `${text}${checksumOf(text)}`
}

/** A token as it came; undefined where it is none, or not all of one. */
export function parsePersonalToken(text: string): PersonalToken | undefined {
  const [, id, secret, checksum] = FORM.exec(text) ?? []
  if (id === undefined || secret === undefined) return undefined
  return checksumOf(`${PREFIX}${id}${secret}`) === checksum ? { id, secret } : undefined
}

const randomLetters = (count: number): string =>
  Array.from({ length: count }, () => LETTERS[randomInt(LETTERS.length)]).join('')

/** CRC-32 to the base 62, padded with zeros. */
function checksumOf(text: string): string {
  let rest = crc32(text)
  let digits = ''
  for (; digits.length < CHECKSUM; rest = Math.floor(rest / LETTERS.length))
    digits = `${LETTERS[rest % LETTERS.length]}${digits}`
  return digits
}
