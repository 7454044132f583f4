import type { FieldSpec, TopicSpec } from '../catalogue.ts'

/** What a person typed, by parameter; booleans are `true` or `false`. */
export type Draft = Readonly<Record<string, string>>

/** Parameters ready to send, or what is wrong, by parameter. */
export type ParsedParams =
  | { readonly kind: 'ready'; readonly params: Readonly<Record<string, unknown>> }
  | { readonly kind: 'wrong'; readonly problems: Readonly<Record<string, string>> }

type Parsed = { readonly value: unknown } | { readonly problem: string }

const REAL = /^(float|double)$/
const NOT_FINITE = /^(NaN|-?Infinity)$/

function parseReal(text: string): Parsed {
  if (NOT_FINITE.test(text)) return { value: text }
  const value = Number(text)
  return Number.isFinite(value) ? { value } : { problem: `'${text}' is not a number` }
}

/** Integers beyond 2^53 go as text, as the api wants them. */
function parseWhole(text: string): Parsed {
  if (!/^[+-]?\d+$/.test(text)) return { problem: `'${text}' is not a whole number` }
  const value = Number(text)
  return { value: Number.isSafeInteger(value) ? value : text }
}

function parseScalar(field: FieldSpec, text: string): Parsed {
  if (field.type === 'string') return { value: text }
  if (field.type === 'boolean') return { value: text === 'true' }
  const trimmed = text.trim()
  if (trimmed === '') return { problem: 'a value is needed' }
  return REAL.test(field.type) ? parseReal(trimmed) : parseWhole(trimmed)
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

/** Meanings are chosen from a list: their values are numbers, or text for a few. */
function parseChoice(text: string): Parsed {
  if (text === '') return { problem: 'choose one' }
  return { value: /^-?\d+$/.test(text) ? Number(text) : text }
}

function parseField(field: FieldSpec, text: string): Parsed {
  if (field.count > 1) return parseArray(field, text)
  return field.enumeration === undefined ? parseScalar(field, text) : parseChoice(text)
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
