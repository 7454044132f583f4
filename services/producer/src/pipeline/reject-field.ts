import { codes } from '@meridian/errors'
import type { SourceTopic } from '../sources/source-topic.ts'
import type { Counts } from './counts.ts'
import type { RefusedDataCounts } from './refused-data.ts'

/** Who hears of a field that is left out. */
export interface FieldWitnesses {
  readonly counts: Counts
  readonly refused: RefusedDataCounts
}

/** Counts and tells that a field was left out of a sample; `reason` where it does not contradict the catalogue. */
export function rejectField(
  { counts, refused }: FieldWitnesses,
  topic: SourceTopic,
  field: string,
  reason: string = codes.PRD_BAD_FIELD.message
): void {
  const { csc, kind, name } = topic
  counts.reject('PRD_BAD_FIELD', { topic: `${csc}.${kind}.${name}`, field: field.slice(0, 120) })
  refused.note({ topic, field, reason })
}
