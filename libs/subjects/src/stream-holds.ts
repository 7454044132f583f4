import { forms } from './subject-table.ts'

/**
 * Whether a stream may hold what begins with this token, the first of a subject or a pattern; undefined
 * stands for the pattern `>`. A stream that is not in the table may hold anything.
 */
export function streamHolds(stream: string, first: string | undefined): boolean {
  let isKnown = false
  for (const { class: kind, row } of forms) {
    if (row.stream !== stream) continue
    if (first === undefined || first === '*' || first === kind) return true
    isKnown = true
  }
  return !isKnown
}
