import { INTEGER_RANGES, isBeyondFloat } from '@meridian/protocol/commands'
import type { FieldSpec, TopicSpec } from '../catalogue.ts'
import { heldText, isSameDecimal } from './held-number.ts'

/** What a person typed, by parameter; booleans are `true` or `false`, or nothing as long as none was chosen. */
export type Draft = Readonly<Record<string, string>>

/** Parameters ready to send, or what is wrong, by parameter. */
export type ParsedParams =
  | { readonly kind: 'ready'; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'wrong'; readonly problems: Readonly<Record<string, string>> }

type Parsed = { readonly value: unknown } | { readonly problem: string }

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i
const WHOLE = /^[+-]?\d+$/
const NOT_FINITE = /^[+-]?(nan|inf|infinity)$/i

/** A whole number that the type would alter is refused: whoever writes all its digits means each of them. */
function parseReal(type: string, text: string): Parsed {
  if (NOT_FINITE.test(text)) return { problem: `${text} is refused: a command takes finite numbers only` }
  if (!DECIMAL.test(text)) return { problem: `'${text}' is not a number` }
  const value = Number(text)
  const isBeyond = type === 'float' && isBeyondFloat(value)
  if (!Number.isFinite(value) || isBeyond) return { problem: `'${text}' is more than a ${type} holds` }
  const held = heldText(type, value)
  if (!WHOLE.test(text) || isSameDecimal(text, held)) return { value }
  return { problem: `a ${type} cannot hold ${text}: the nearest that it holds is ${held}` }
}

/**
 * What arrives where a real number was typed with more digits than its type holds, such as
 * `3.141592653589793`; undefined where nothing is lost, and for whatever is refused.
 */
export function roundedTextOf({ type, count }: FieldSpec, text: string): string | undefined {
  const trimmed = text.trim()
  if (count > 1 || (type !== 'double' && type !== 'float') || !DECIMAL.test(trimmed)) return undefined
  if (WHOLE.test(trimmed) || !('value' in parseReal(type, trimmed))) return undefined
  const held = heldText(type, Number(trimmed))
  return isSameDecimal(trimmed, held) ? undefined : held
}

/** Integers beyond 2^53 go as text, as the commander wants them: as numbers they would be rounded. */
function parseWhole(type: string, text: string): Parsed {
  if (NOT_FINITE.test(text)) return { problem: `${text} is refused: a command takes finite numbers only` }
  if (!WHOLE.test(text)) return { problem: `'${text}' is not a whole number` }
  const value = BigInt(text.replace('+', ''))
  const [least, most] = INTEGER_RANGES[type] ?? [value, value]
  if (value < least || value > most) return { problem: `${least} to ${most} is allowed, not ${value}` }
  const number = Number(value)
  return { value: Number.isSafeInteger(number) ? number : String(value) }
}

/** What a parameter takes, in words: its type, and the range where the type has one. */
export function typeText({ type, count }: FieldSpec): string {
  const range = INTEGER_RANGES[type]
  const text = range === undefined ? type : `${type}, ${range[0]} to ${range[1]}`
  return count > 1 ? `${count} × ${text}` : text
}

const parseFlag = (text: string): Parsed =>
  text === 'true' || text === 'false' ? { value: text === 'true' } : { problem: 'choose true or false' }

function parseScalar(field: FieldSpec, text: string): Parsed {
  if (field.type === 'string') return { value: text }
  const trimmed = text.trim()
  if (field.type === 'boolean') return parseFlag(trimmed)
  if (trimmed === '') return { problem: 'a value is needed' }
  return Object.hasOwn(INTEGER_RANGES, field.type)
    ? parseWhole(field.type, trimmed)
    : parseReal(field.type, trimmed)
}

/** The elements of a typed array: separated by commas, blanks or line ends. */
export const elementsOf = (text: string): readonly string[] =>
  text.split(/[\s,;]+/).filter(part => part !== '')

function parseArray(field: FieldSpec, text: string): Parsed {
  const parts = elementsOf(text)
  const all = parts.length === 1 ? new Array<string>(field.count).fill(parts[0] as string) : parts
  if (all.length !== field.count)
    return { problem: `${field.count} values are needed, or one for all; there are ${parts.length}` }
  const parsed = all.map(part => parseScalar(field, part))
  const wrong = parsed.findIndex(one => 'problem' in one)
  if (wrong >= 0) return { problem: `[${wrong}]: ${(parsed[wrong] as { problem: string }).problem}` }
  return { value: parsed.map(one => (one as { value: unknown }).value) }
}

/** Meanings are chosen from a list: their values are numbers, or text for a few; bits may be added up. */
function parseChoice(field: FieldSpec, text: string): Parsed {
  if (text.trim() === '') return { problem: 'choose one' }
  return field.type === 'string' ? { value: text } : parseWhole(field.type, text.trim())
}

function parseField(field: FieldSpec, text: string): Parsed {
  if (field.count > 1) return parseArray(field, text)
  return field.enumeration === undefined ? parseScalar(field, text) : parseChoice(field, text)
}

/** Turns what was typed into parameters. Nothing is guessed: a number left empty is a problem, not a zero. */
export function parseParams(command: TopicSpec, draft: Draft): ParsedParams {
  const problems: Record<string, string> = {}
  const params: Record<string, unknown> = {}
  for (const field of command.fields) {
    const parsed = parseField(field, draft[field.name] ?? '')
    if ('problem' in parsed) problems[field.name] = parsed.problem
    else params[field.name] = parsed.value
  }
  return Object.keys(problems).length === 0 ? { kind: 'ready', params } : { kind: 'wrong', problems }
}

/** SAL's defaults as a person would type them: zero, false, nothing. */
export const defaultDraft = (command: TopicSpec): Draft =>
  Object.fromEntries(
    command.fields
      .filter(field => field.enumeration === undefined)
      .map(field => [
        field.name,
        ({ boolean: 'false', string: '' } as Record<string, string>)[field.type] ?? '0'
      ])
  )

/** What the commander found wrong, by parameter: the facts of CMD_BAD_PARAMETER. */
export function problemsOf(
  facts: Readonly<Record<string, unknown>> | undefined
): Readonly<Record<string, string>> {
  const problems = facts?.['problems']
  if (!Array.isArray(problems)) return {}
  return Object.fromEntries(
    (problems as ReadonlyArray<{ parameter?: unknown; expected?: unknown; got?: unknown }>).map(problem => [
      String(problem.parameter),
      `expected ${String(problem.expected)}, got ${String(problem.got)}`
    ])
  )
}
