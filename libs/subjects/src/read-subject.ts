import { type Form, type FormToken, forms, type Subject } from './subject-table.ts'

const SUBJECT = /^[A-Za-z0-9_=-]{1,120}(?:\.[A-Za-z0-9_=-]{1,120}){0,15}$/
const MAX_LENGTH = 256
const NUMBER = /^\d{1,10}$/

/** The largest index in a subject; SAL's are 32-bit integers. */
export const MAX_NUMBER = 0x7fffffff

/** Whether the text is tokens joined by dots, as NATS takes them: at most 16 of at most 120 characters, 256 in all. */
export const isSubjectText = (text: string): boolean => text.length <= MAX_LENGTH && SUBJECT.test(text)

/** Takes a subject of ours apart; undefined when it is not one. parseSubject throws instead. */
export function readSubject(subject: string): Subject | undefined {
  if (!isSubjectText(subject)) return undefined
  const tokens = subject.split('.')
  for (const form of forms) {
    const parsed = form.class === tokens[0] ? readAs(form, tokens) : undefined
    if (parsed !== undefined) return parsed
  }
  return undefined
}

/** The row that a subject belongs to; undefined when it is none of ours. */
export function formOf(subject: string): Form | undefined {
  const tokens = isSubjectText(subject) ? subject.split('.') : []
  return forms.find(form => form.class === tokens[0] && readAs(form, tokens) !== undefined)
}

function readAs(form: Form, tokens: readonly string[]): Subject | undefined {
  const more = tokens.length - form.tokens.length
  if (more !== 0 && !(more === 1 && form.row.keyed)) return undefined
  const parsed: Record<string, unknown> = { class: form.class, ...form.row.also }
  for (const [at, formToken] of form.tokens.entries()) {
    const value = readToken(formToken, tokens[at] as string)
    if (value === undefined) return undefined
    if (formToken.kind !== 'fixed') parsed[formToken.name] = value
  }
  if (form.row.keyed) parsed['key'] = tokens[form.tokens.length]
  // The type is worked out from the same rows as these properties.
  return parsed as unknown as Subject
}

function readToken(formToken: FormToken, token: string): string | number | undefined {
  if (formToken.kind === 'fixed') return token === formToken.text ? token : undefined
  return formToken.kind === 'number' ? numberOf(token) : token
}

function numberOf(token: string): number | undefined {
  const value = NUMBER.test(token) ? Number(token) : Number.POSITIVE_INFINITY
  return value <= MAX_NUMBER ? value : undefined
}
