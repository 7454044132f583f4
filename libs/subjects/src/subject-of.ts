import { AppError } from '@meridian/errors'
import { formNamed, joinTokens } from './join-subject.ts'
import { MAX_NUMBER } from './read-subject.ts'
import { type SubjectName, type SubjectValues, subjectTable } from './subject-table.ts'

const TOKEN = /^[A-Za-z0-9_=-]{1,120}$/

const bad = (value: unknown, why: string): AppError =>
  new AppError('WIR_BAD_SUBJECT', { detail: `'${String(value).slice(0, 40)}' is not ${why}` })

/**
 * Checks one token of a subject; throws WIR_BAD_SUBJECT. Case is kept: names that differ only by case exist.
 */
export function token(text: string): string {
  if (!TOKEN.test(text)) throw bad(text, "letters, digits, '_', '-' or '='")
  return text
}

function checked(value: unknown): string {
  if (typeof value === 'string') return token(value)
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_NUMBER)
    return String(value)
  throw bad(value, 'a token or a whole number of 31 bits')
}

type Values = Readonly<Record<string, unknown>>

/** The subject of a row with these values. Throws WIR_BAD_SUBJECT. */
export function subjectOf<Name extends SubjectName>(name: Name, values: SubjectValues<Name>): string {
  const given: Values = values
  const subject = joinTokens(name, value => checked(given[value]))
  const key = 'keyed' in subjectTable[name] ? given['key'] : undefined
  return key === undefined ? subject : keyedSubject(subject, String(key))
}

/** The subject of one object of a keyed topic. `key` is an encoded token: see keyToken. */
export const keyedSubject = (subject: string, key: string): string => `${subject}.${token(key)}`

/**
 * The pattern of all subjects of a row that have these values: `*` stands for each one that is not given.
 * Throws WIR_BAD_SUBJECT.
 */
export const patternOf = <Name extends SubjectName>(
  name: Name,
  values: Partial<SubjectValues<Name>>
): string => joinTokens(name, starred(values))

/**
 * The pattern of everything below the last value that is given: `tel.<site>.>`; `*` stands for one before it
 * that is not. Throws WIR_BAD_SUBJECT.
 */
export function everythingBelow<Name extends SubjectName>(
  name: Name,
  values: Partial<SubjectValues<Name>>
): string {
  const given: Values = values
  const { names } = formNamed(name)
  const last = names.findLastIndex(value => value !== undefined && given[value] !== undefined)
  const length = last < 0 ? names.findIndex(value => value !== undefined) : last + 1
  return `${joinTokens(name, starred(values), length)}.>`
}

const starred =
  (values: Values) =>
  (value: string): string =>
    values[value] === undefined ? '*' : checked(values[value])
