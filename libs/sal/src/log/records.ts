import type { PartitionAnswer } from './fetch-shapes.ts'
import type { Partition } from './places.ts'

/** One record of a partition, as it was read. */
export interface LogRecord {
  readonly offset: bigint
  /** What compaction goes by; writers spell it in several ways, or leave it out. */
  readonly key: Uint8Array | null
  /** Null where a compacted topic says that a key is gone. */
  readonly value: Uint8Array | null
  /** When the broker appended it, or else when the writer made it: UTC, ms. */
  readonly timestampMs: number
}

/** What came of a partition, and where reading goes on: compaction leaves gaps, so that is not the number of records. */
export interface Taken {
  readonly records: readonly LogRecord[]
  readonly next: bigint
}

/** What one answer of a broker holds of a partition. */
export interface TakenPartition extends Partition, Taken {}

type Batch = NonNullable<PartitionAnswer['records']>[number]

/** Bits of a batch's attributes, as Kafka's protocol has them. */
const LOG_APPEND_TIME = 0x08
const IS_CONTROL = 0x20

/** The records from `position` on: a broker sends whole batches, also where the first one begins before that. */
export function recordsFrom(position: bigint, batches: readonly Batch[]): Taken {
  const records: LogRecord[] = []
  let next = position
  for (const batch of batches) {
    if ((batch.attributes & IS_CONTROL) === 0) putRecords(records, batch, position)
    const behind = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
    if (behind > next) next = behind
  }
  return { records, next }
}

function putRecords(records: LogRecord[], batch: Batch, position: bigint): void {
  const isAppendTime = (batch.attributes & LOG_APPEND_TIME) !== 0
  for (const { offsetDelta, timestampDelta, key, value } of batch.records) {
    const offset = batch.firstOffset + BigInt(offsetDelta)
    if (offset < position) continue
    const timestamp = isAppendTime ? batch.maxTimestamp : batch.firstTimestamp + timestampDelta
    records.push({ offset, key, value, timestampMs: Number(timestamp) })
  }
}
