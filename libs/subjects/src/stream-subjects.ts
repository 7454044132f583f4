import type { StreamName } from './streams.ts'
import { everythingBelow } from './subject-of.ts'
import { forms } from './subject-table.ts'

/**
 * The subjects that a stream of a site binds: `tel.<site>.>` and `hb.<site>.>` for TEL. Throws
 * WIR_BAD_SUBJECT.
 */
export const streamSubjects = (stream: StreamName, site: string): readonly string[] =>
  forms.filter(form => form.row.stream === stream).map(form => everythingBelow(form.name, { site }))
