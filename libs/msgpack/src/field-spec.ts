/**
 * The types a field may have: SAL's, and `int64` for the Avro long of the cameras [docs/sal.md#field-types].
 */
export type SalType =
  | 'boolean'
  | 'byte'
  | 'short'
  | 'int'
  | 'long'
  | 'long long'
  | 'unsigned short'
  | 'unsigned int'
  | 'float'
  | 'double'
  | 'string'
  | 'int64'

/** What the catalogue says of one field. `count` above 1 means an array of exactly that length. */
export interface FieldSpec {
  readonly name: string
  readonly type: SalType
  readonly count: number
  readonly nullable?: boolean
}
