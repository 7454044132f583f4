/** What is known of one form of subject. */
interface SubjectRow {
  /** Its tokens. `<name>` stands for a value; the others stand for themselves. */
  readonly form: string
  /** Properties of the parsed subject that its fixed tokens tell. */
  readonly also?: Readonly<Record<string, string>>
  /** One token more may follow: the values of the topic's key fields. */
  readonly keyed?: true
  /** The stream that keeps it; most subjects are not kept. */
  readonly stream?: string
  /**
   * `sample`: meridian.v1.Sample. `json`: a JSON object. `raw`: MessagePack or JSON, as a component on NATS
   * says it.
   */
  readonly payload: 'sample' | 'json' | 'raw'
  /** When a gateway sends it on: with the tick of telemetry, or at once. */
  readonly flush: 'tick' | 'now'
  /** What a subscription gets that asks for no quality. */
  readonly quality: 'latest' | 'all'
}

const atTick = { flush: 'tick', quality: 'latest' } as const
const atOnce = { flush: 'now', quality: 'all' } as const

/**
 * One row per form of subject. A class (the first token) with several forms has a row for each; they differ
 * in form and stream alone. Builders, parser, patterns, streams and `docs/subjects.md` come from these rows.
 */
export const subjectTable = {
  tel: { form: 'tel.<site>.<csc>.<index>.<topic>', keyed: true, stream: 'TEL', payload: 'sample', ...atTick },
  hb: { form: 'hb.<site>.<csc>.<index>', stream: 'TEL', payload: 'sample', ...atTick },
  evt: { form: 'evt.<site>.<csc>.<index>.<topic>', keyed: true, stream: 'EVT', payload: 'sample', ...atOnce },
  script: {
    form: 'script.<site>.<queue>.<scriptIndex>.<topic>',
    stream: 'SCRIPT',
    payload: 'sample',
    ...atOnce
  },
  cmd: { form: 'cmd.<site>.<csc>.<index>.<command>', payload: 'json', ...atOnce },
  intake: {
    form: 'intake.<site>.<partition>.<csc>.<index>.<id>',
    stream: 'COMMANDS',
    payload: 'json',
    ...atOnce
  },
  ack: { form: 'ack.<site>.<csc>.<index>.<id>', stream: 'COMMANDS', payload: 'json', ...atOnce },
  exec: { form: 'exec.<site>.<csc>.<index>.<command>', payload: 'json', ...atOnce },
  execReply: { form: '_INBOX_cmdr.exec.<site>.<id>', payload: 'json', ...atOnce },
  rawTelemetry: {
    form: 'raw.<site>.<csc>.<index>.tel.<topic>',
    also: { kind: 'tel' },
    payload: 'raw',
    ...atOnce
  },
  rawEvent: {
    form: 'raw.<site>.<csc>.<index>.evt.<topic>',
    also: { kind: 'evt' },
    payload: 'raw',
    ...atOnce
  },
  rawHeartbeat: { form: 'raw.<site>.<csc>.<index>.hb', also: { kind: 'hb' }, payload: 'raw', ...atOnce },
  jobRun: {
    form: 'job.run.<site>.<kind>',
    also: { phase: 'run' },
    stream: 'JOBS',
    payload: 'json',
    ...atOnce
  },
  jobState: {
    form: 'job.state.<site>.<jobId>',
    also: { phase: 'state' },
    stream: 'JOBSTATE',
    payload: 'json',
    ...atOnce
  },
  audit: { form: 'audit.<site>.<kind>', stream: 'AUDIT', payload: 'json', ...atOnce },
  forget: { form: 'forget.<site>.<csc>.<index>', payload: 'json', ...atOnce },
  gw: { form: 'gw.<site>.load', payload: 'json', ...atOnce },
  gwClients: { form: 'gw.<site>.clients', also: { kind: 'clients' }, payload: 'json', ...atOnce },
  cmdr: { form: 'cmdr.<site>.alive', payload: 'json', ...atOnce }
} as const satisfies Readonly<Record<string, SubjectRow>>

type Table = typeof subjectTable

/** Name of a row: the class, or a form of it. */
export type SubjectName = keyof Table

/** Values of a subject that are numbers, 0 to 2^31 - 1; all others are text. */
const NUMBERS = ['index', 'queue', 'scriptIndex', 'partition'] as const
type NumberName = (typeof NUMBERS)[number]

type ValueNames<Form extends string> = Form extends `${string}<${infer Name}>${infer Rest}`
  ? Name | ValueNames<Rest>
  : never
type ClassOf<Form extends string> = Form extends `${infer Class}.${string}` ? Class : never
type Flat<T> = { readonly [Name in keyof T]: T[Name] }
type PlainValues<Name extends SubjectName> = {
  [Value in ValueNames<Table[Name]['form']>]: Value extends NumberName ? number : string
}
type IfKeyed<Name extends SubjectName, Key> = Table[Name] extends { keyed: true } ? Key : unknown
type Also<Name extends SubjectName> = Table[Name] extends { also: infer Found } ? Found : unknown

/** The values that the subjects of a row are built from. `key` is an encoded token: see keyToken. */
export type SubjectValues<Name extends SubjectName> = Flat<
  PlainValues<Name> & IfKeyed<Name, { key?: string | undefined }>
>

/** A subject of one row, taken apart. */
type Parsed<Name extends SubjectName> = Flat<
  { class: ClassOf<Table[Name]['form']> } & Also<Name> &
    PlainValues<Name> &
    IfKeyed<Name, { key: string | undefined }>
>

/** A subject taken apart, by its class. `key` is still encoded: see keyTextOf. */
export type Subject = { [Name in SubjectName]: Parsed<Name> }[SubjectName]

/** A row with its form split into tokens. */
export interface Form {
  readonly name: SubjectName
  /** The first token, such as `tel`. */
  readonly class: string
  readonly tokens: readonly string[]
  /** For each token the name of the value that it stands for; undefined where it stands for itself. */
  readonly names: readonly (string | undefined)[]
  readonly row: SubjectRow
}

/** Every row as a form, in the order of the table. */
export const forms: readonly Form[] = Object.entries<SubjectRow>(subjectTable).map(([name, row]) => {
  const tokens = row.form.split('.')
  const names = tokens.map(token => (token.startsWith('<') ? token.slice(1, -1) : undefined))
  return { name: name as SubjectName, class: tokens[0] as string, tokens, names, row }
})

/** Whether a value is a number. */
export const isNumberName = (name: string): boolean => (NUMBERS as readonly string[]).includes(name)
