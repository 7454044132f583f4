import type { SalType } from '@meridian/msgpack'
import type { Topic, TopicKind } from './model.ts'

/** What each type is in the Avro schemas of SAL [docs/sal.md#field-types]. */
export const avroTypes = {
  boolean: 'boolean',
  byte: 'int',
  short: 'int',
  int: 'int',
  long: 'int',
  'unsigned short': 'int',
  'long long': 'long',
  'unsigned int': 'long',
  int64: 'long',
  float: 'float',
  double: 'double',
  string: 'string'
} as const satisfies Readonly<Record<SalType, string>>

/** The other way round: what a value is of which only the type in Avro is known. */
export const typesOfAvro = {
  boolean: 'boolean',
  int: 'int',
  long: 'int64',
  float: 'float',
  double: 'double',
  string: 'string'
} as const satisfies Readonly<Record<string, SalType>>

/** What SAL writes before the bare name of a topic. */
const prefixes: Readonly<Record<TopicKind, string>> = {
  command: 'command_',
  event: 'logevent_',
  telemetry: '',
  ackcmd: ''
}

/** SAL's name of a topic: `logevent_heartbeat`, `command_start`, `azimuth`. `parseSalName` takes it apart. */
export const salNameOf = ({ kind, name }: Pick<Topic, 'kind' | 'name'>): string => `${prefixes[kind]}${name}`

/** The other way round: what a name of SAL says. */
export function parseSalName(salName: string): Pick<Topic, 'kind' | 'name'> {
  const kind = PREFIXED.find(kind => salName.startsWith(prefixes[kind]))
  if (kind !== undefined) return { kind, name: salName.slice(prefixes[kind].length) }
  return { kind: salName === 'ackcmd' ? 'ackcmd' : 'telemetry', name: salName }
}

const PREFIXED = ['command', 'event'] as const satisfies readonly TopicKind[]
