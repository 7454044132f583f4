import type { Pattern } from './pattern.ts'
import { readAs } from './read-subject.ts'
import { streamHolds } from './stream-holds.ts'
import { forms, type SubjectName, type subjectTable } from './subject-table.ts'

type Table = typeof subjectTable

/** The streams that rows of the table name. */
export type StreamName = {
  [Name in SubjectName]: Table[Name] extends { stream: infer S } ? S : never
}[SubjectName]

/** `state` is followed from the last value of each subject, `log` from a short time back, `queue` is work. */
export type StreamKind = 'state' | 'log' | 'queue'

/** How each stream is read. Its limits stand in `libs/broker`. */
const streamKinds = {
  TEL: 'state',
  EVT: 'state',
  SCRIPT: 'log',
  COMMANDS: 'log',
  JOBS: 'queue',
  JOBSTATE: 'log',
  AUDIT: 'log'
} as const satisfies Readonly<Record<StreamName, StreamKind>>

/** The names of all streams, in the order of their table. */
export const streamNames = Object.keys(streamKinds) as StreamName[]

/** What a reader of a stream needs to know of it. */
export interface StreamTraits<Name extends StreamName = StreamName> {
  readonly name: Name
  readonly kind: (typeof streamKinds)[Name]
  /** First tokens of its subjects. */
  readonly classes: readonly string[]
  /** When a gateway sends its messages on. */
  readonly flush: 'tick' | 'now'
}

/** The traits of a stream, from the rows of the subjects that it keeps. */
export function traitsOf<Name extends StreamName>(name: Name): StreamTraits<Name> {
  const rows = forms.filter(form => form.row.stream === name)
  return {
    name,
    kind: streamKinds[name],
    classes: [...new Set(rows.map(form => form.class))],
    flush: rows.some(({ row }) => row.flush === 'now') ? 'now' : 'tick'
  }
}

/** The stream that keeps a subject; undefined where none does. */
export function streamOf(subject: string): StreamName | undefined {
  const tokens = subject.split('.')
  return forms.find(form => readAs(form, tokens) !== undefined)?.row.stream as StreamName | undefined
}

/** The streams that may hold subjects under a pattern. */
export const streamsUnder = ({ tokens }: Pattern): readonly StreamName[] =>
  streamNames.filter(name => streamHolds(name, tokens[0]))
