import { AppError } from '@meridian/errors'
import { MAX_PATTERN_LENGTH, MAX_PATTERN_TOKENS, type Pattern, readPattern } from './pattern.ts'

/** Reads a pattern that somebody sent. At most 256 characters and 16 tokens. Throws WIR_BAD_PATTERN. */
export function parsePattern(text: unknown): Pattern {
  if (typeof text !== 'string') throw new AppError('WIR_BAD_PATTERN', { detail: 'not a text' })
  const pattern = readPattern(text)
  if (pattern !== undefined) return pattern
  throw new AppError('WIR_BAD_PATTERN', { detail: `'${text.slice(0, 80)}' ${faultOf(text)}` })
}

function faultOf(text: string): string {
  if (text.length > MAX_PATTERN_LENGTH) return `has more than ${MAX_PATTERN_LENGTH} characters`
  if (text.split('.').length > MAX_PATTERN_TOKENS) return `has more than ${MAX_PATTERN_TOKENS} tokens`
  return "is not tokens joined by dots; '*' and a last '>' stand alone"
}
