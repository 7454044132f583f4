import { AppError } from '@meridian/errors'
import { type Pattern, splitPattern } from './pattern.ts'

const MAX_LENGTH = 256
const MAX_TOKENS = 16
const PATTERN = /^(?:\*|[A-Za-z0-9_=-]{1,120})(?:\.(?:\*|[A-Za-z0-9_=-]{1,120}))*(?:\.>)?$/

const bad = (text: string, why: string): AppError =>
  new AppError('WIR_BAD_PATTERN', { detail: `'${text.slice(0, 80)}' ${why}` })

/** Reads a pattern that somebody sent. At most 256 characters and 16 tokens. Throws WIR_BAD_PATTERN. */
export function parsePattern(text: unknown): Pattern {
  if (typeof text !== 'string') throw new AppError('WIR_BAD_PATTERN', { detail: 'not a text' })
  if (text.length > MAX_LENGTH) throw bad(text, `has more than ${MAX_LENGTH} characters`)
  if (text !== '>' && !PATTERN.test(text))
    throw bad(text, "is not tokens joined by dots; '*' and a last '>' stand alone")
  if (text.split('.').length > MAX_TOKENS) throw bad(text, `has more than ${MAX_TOKENS} tokens`)
  return splitPattern(text)
}
