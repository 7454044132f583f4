import type { Pattern } from './pattern.ts'
import { formOf } from './read-subject.ts'
import { forms, type SubjectName, type subjectTable } from './subject-table.ts'

type Table = typeof subjectTable

/** A stream of Meridian by its name. */
export type StreamName = {
  [Name in SubjectName]: Table[Name] extends { stream: infer S } ? S : never
}[SubjectName]

/** `state` is followed from the last value of each subject, `log` from a short time back, `queue` is work. */
export type StreamKind = 'state' | 'log' | 'queue'

/** How each stream is read. Its limits stand in `libs/broker`. */
export const streamKinds = {
  TEL: 'state',
  EVT: 'state',
  SCRIPT: 'log',
  COMMANDS: 'log',
  JOBS: 'queue',
  JOBSTATE: 'log',
  AUDIT: 'log'
} as const satisfies Readonly<Record<StreamName, StreamKind>>

/** The names of all streams. */
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

const classesOfStream = /* @__PURE__ */ new Map<string, readonly string[]>(
  streamNames.map(name => [name, traitsOf(name).classes])
)

/** Whether a stream may hold subjects that begin with this token, the first one of a subject or a pattern; a stream that is not ours may hold any. */
export const streamHolds = (stream: string, first: string | undefined): boolean =>
  mayHold(classesOfStream.get(stream), first)

/** Whether subjects of these classes may begin with the first token of a pattern, which is undefined for `>`. No classes: any may. */
export const mayHold = (classes: readonly string[] | undefined, first: string | undefined): boolean =>
  classes === undefined || first === undefined || first === '*' || classes.includes(first)

/** The stream that keeps a subject; undefined where none does. */
export const streamOf = (subject: string): StreamName | undefined =>
  formOf(subject)?.row.stream as StreamName | undefined

/** The streams that may hold subjects under a pattern. */
export const streamsUnder = ({ tokens }: Pattern): readonly StreamName[] =>
  streamNames.filter(name => streamHolds(name, tokens[0]))
