import { type SubjectName, subjectTable } from './subject-table.ts'

/** What the messages of each row are, in the words of `docs/subjects.md`. */
const meanings: Readonly<Record<SubjectName, string>> = {
  tel: 'telemetry sample',
  hb: 'heartbeat of a component; it has no fields',
  evt: 'event',
  script: 'events of one script: what the Script says, and what its ScriptQueue says of it',
  cmd: 'somebody asks for a command; request and reply',
  intake: 'the accepted command',
  ack: 'each later stage of it',
  exec: 'a component on NATS is told to execute; request, several replies',
  execReply: 'where a component on NATS answers that; all commanders listen',
  rawTelemetry: 'telemetry as a component on NATS says it',
  rawEvent: 'an event as a component on NATS says it',
  rawHeartbeat: 'a heartbeat as a component on NATS says it: any bytes; of a map the private fields are read',
  jobRun: 'work that runs long; reserved, nothing is written yet',
  jobState: 'its progress and result; reserved',
  audit: 'log-ins, refusals and changes of users, by what happened; what `pnpm forget` removed (`forget`)',
  forget:
    'the names of a component are removed from the streams, up to a sequence of each (`upTo`); gateways drop what its topics said until then',
  gw: 'a gateway tells its load',
  gwClients: 'somebody asks who watches what; request, a reply of each gateway',
  cmdr: 'a commander tells that it lives'
}

const bytes = { sample: '`meridian.v1.Sample`', json: 'JSON', raw: 'MessagePack or JSON' } as const

/** The lines of the table of subjects in `docs/subjects.md`, from the rows of the table here. */
export function describeSubjects(): readonly string[] {
  const names = Object.keys(subjectTable) as SubjectName[]
  return [
    '| subject | what | bytes | keyed | stream | flush | quality |',
    '|---|---|---|---|---|---|---|',
    ...names.map(lineOf)
  ]
}

function lineOf(name: SubjectName): string {
  const row: { readonly form: string; readonly keyed?: true; readonly stream?: string } = subjectTable[name]
  const { payload, flush, quality } = subjectTable[name]
  const isServed = row.stream !== undefined
  const cells = [
    `\`${row.form.replace('<csc>', '<CSC>')}\``,
    meanings[name],
    bytes[payload],
    row.keyed === true ? 'yes' : '-',
    row.stream ?? '-',
    isServed ? `\`${flush}\`` : '-',
    isServed ? `\`${quality}\`` : '-'
  ]
  return `| ${cells.join(' | ')} |`
}
