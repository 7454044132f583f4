import { AppError } from '@meridian/errors'
import { readSubject } from './read-subject.ts'
import type { Subject } from './subject-table.ts'

const SUBJECT = /^[A-Za-z0-9_=-]{1,120}(?:\.[A-Za-z0-9_=-]{1,120}){0,15}$/
const MAX_LENGTH = 256

const bad = (subject: string, why: string): AppError =>
  new AppError('WIR_BAD_SUBJECT', { detail: `'${subject.slice(0, 80)}' ${why}` })

/** Takes a subject of ours apart. Throws WIR_BAD_SUBJECT when it is not one. */
export function parseSubject(subject: string): Subject {
  if (subject.length > MAX_LENGTH || !SUBJECT.test(subject))
    throw bad(subject, 'is not tokens joined by dots')
  const parsed = readSubject(subject)
  if (parsed === undefined) throw bad(subject, 'is not a subject of Meridian')
  return parsed
}
