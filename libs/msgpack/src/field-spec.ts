/**
 * The types a field may have and what each holds: SAL's, and `int64` for the Avro long of the cameras
 * [docs/sal.md#field-types].
 */
export const salTypes = {
  boolean: 'boolean',
  byte: 'integer',
  short: 'integer',
  int: 'integer',
  long: 'integer',
  'long long': 'integer',
  'unsigned short': 'integer',
  'unsigned int': 'integer',
  float: 'real',
  double: 'real',
  string: 'text',
  int64: 'integer'
} as const

/** A type that a field may have. */
export type SalType = keyof typeof salTypes

/** What the catalogue says of one field. `count` above 1 means an array of exactly that length. */
export interface FieldSpec {
  readonly name: string
  readonly type: SalType
  readonly count: number
  readonly nullable?: boolean
}
