import type { AvroType } from './avro/schema.ts'

/**
 * Fields of a SAL message that are not public [docs/sal.md#private-fields], in the order in which a schema has
 * them, with their types in Avro. `salIndex` stands in schemas of indexed components only.
 */
export const privateFields = {
  salIndex: 'int',
  private_sndStamp: 'double',
  private_rcvStamp: 'double',
  private_efdStamp: 'double',
  private_kafkaStamp: 'double',
  private_seqNum: 'int',
  private_revCode: 'string',
  private_identity: 'string',
  private_origin: 'int'
} as const satisfies Readonly<Record<string, AvroType>>

/** The name of a field that is not public. */
export type PrivateField = keyof typeof privateFields

/** Their names: they are no part of a sample's fields. */
export const PRIVATE_FIELDS = Object.keys(privateFields)
