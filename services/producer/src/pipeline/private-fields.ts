/**
 * Fields of a SAL message that are not public [docs/sal.md#private-fields]: they are no part of a sample's
 * fields.
 */
export const PRIVATE_FIELDS = [
  'private_sndStamp',
  'private_rcvStamp',
  'private_efdStamp',
  'private_kafkaStamp',
  'private_seqNum',
  'private_identity',
  'private_origin',
  'private_revCode',
  'salIndex'
] as const
