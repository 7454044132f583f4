import { AppError } from '@meridian/errors'
import { isSubjectText, readSubject } from './read-subject.ts'
import type { Subject } from './subject-table.ts'

/** Takes a subject of ours apart. Throws WIR_BAD_SUBJECT when it is not one. */
export function parseSubject(subject: string): Subject {
  const parsed = readSubject(subject)
  if (parsed !== undefined) return parsed
  const why = isSubjectText(subject) ? 'is not a subject of Meridian' : 'is not tokens joined by dots'
  throw new AppError('WIR_BAD_SUBJECT', { detail: `'${subject.slice(0, 80)}' ${why}` })
}
