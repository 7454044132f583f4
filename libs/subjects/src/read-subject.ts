import { type Form, forms, isNumberName, type Subject } from './subject-table.ts'

/** The largest index in a subject; SAL's are 32-bit integers. */
export const MAX_NUMBER = 0x7fffffff

const NUMBER = /^\d{1,10}$/

/**
 * Takes apart what a broker or a gateway gave as a subject; undefined where it is not one of ours. The
 * characters of its tokens are not looked at: for a subject from elsewhere there is parseSubject.
 */
export function readSubject(subject: string): Subject | undefined {
  const tokens = subject.split('.')
  for (const form of forms) {
    const parsed = readAs(form, tokens)
    if (parsed !== undefined) return parsed
  }
  return undefined
}

/** Takes the tokens of a subject apart as the row has it; undefined where they do not fit. */
export function readAs(form: Form, tokens: readonly string[]): Subject | undefined {
  if (form.class !== tokens[0]) return undefined
  const { names, row } = form
  if (tokens.length > names.length + (row.keyed ? 1 : 0)) return undefined
  const parsed: Record<string, unknown> = { class: form.class, ...row.also }
  for (let at = 1; at < names.length; at++) {
    const name = names[at]
    const value = readToken(tokens[at], name)
    if (value === undefined || (name === undefined && value !== form.tokens[at])) return undefined
    if (name !== undefined) parsed[name] = value
  }
  if (row.keyed) parsed['key'] = tokens[names.length]
  // The type is worked out from the same rows as these properties.
  return parsed as unknown as Subject
}

function readToken(token: string | undefined, name: string | undefined): string | number | undefined {
  if (token === undefined || name === undefined || !isNumberName(name)) return token
  return isNumberText(token) ? Number(token) : undefined
}

/** Whether a token may stand where a subject has a number. */
export const isNumberText = (token: string): boolean => NUMBER.test(token) && Number(token) <= MAX_NUMBER
