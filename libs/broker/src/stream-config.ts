import { AppError } from '@meridian/errors'
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  StoreCompression,
  type StreamConfig,
  type StreamInfo
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { limitOf } from './stream-info.ts'
import type { StreamOrigin, StreamSpec } from './stream-table.ts'

/** What the table says of a stream, as the server wants it. */
export type WantedConfig = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'max_bytes'>

/**
 * The server's configuration for a row of the table; its epoch is not part of it. `knowsBatches`: whether the server
 * has heard of them.
 */
export const configOf = (spec: StreamSpec, knowsBatches: boolean): WantedConfig => ({
  name: spec.name,
  description: spec.description,
  retention: spec.kind === 'queue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
  storage: StorageType.File,
  num_replicas: spec.replicas,
  discard: spec.whenFull === 'refuse' ? DiscardPolicy.New : DiscardPolicy.Old,
  max_bytes: spec.maxBytes,
  max_age: nanos(spec.maxAgeMs),
  compression: spec.compression === 's2' ? StoreCompression.S2 : StoreCompression.None,
  max_msgs_per_subject: spec.maxPerSubject === 0 ? -1 : spec.maxPerSubject,
  allow_direct: true,
  ...(spec.mirrorOf === undefined ? ownConfigOf(spec, knowsBatches) : mirrorConfigOf(spec.mirrorOf))
})

const ownConfigOf = (spec: StreamSpec, knowsBatches: boolean): Partial<StreamConfig> => ({
  subjects: [...spec.subjects],
  duplicate_window: nanos(spec.duplicateWindowMs),
  ...(knowsBatches && spec.takesBatches === true ? { allow_batched: true } : {})
})

// Without `mirror_direct`: a single read at the origin must never be answered by a mirror that lags.
const mirrorConfigOf = ({ stream: name, domain }: StreamOrigin): Partial<StreamConfig> => ({
  mirror: { name, ...(domain === undefined ? {} : { domain }) },
  mirror_direct: false
})

/**
 * Fields that the server tells otherwise than it was told: where a mirror comes from cannot change, and in
 * one domain it takes over direct reads.
 */
const NOT_COMPARED = ['mirror', 'mirror_direct']

/** Whether a stream is not what the table says. */
export const differs = (wanted: WantedConfig, present: StreamConfig): boolean =>
  Object.entries(wanted).some(
    ([field, value]) =>
      !NOT_COMPARED.includes(field) &&
      JSON.stringify(value) !== JSON.stringify(present[field as keyof StreamConfig])
  )

/**
 * Throws BRK_STREAM_SHRINK where an update would lose messages: limits below what is stored, ages and counts
 * that become smaller, subjects that go.
 */
export function refuseShrink(wanted: WantedConfig, { config, state }: StreamInfo): void {
  if (state.messages === 0) return
  const smaller = (field: 'max_age' | 'max_msgs_per_subject'): boolean =>
    limitOf(wanted[field]) < limitOf(config[field])
  const shrinking = [
    limitOf(wanted.max_bytes) < state.bytes ? 'max_bytes' : undefined,
    smaller('max_age') ? 'max_age' : undefined,
    smaller('max_msgs_per_subject') ? 'max_msgs_per_subject' : undefined,
    (config.subjects ?? []).every(subject => wanted.subjects?.includes(subject)) ? undefined : 'subjects'
  ].filter(field => field !== undefined)
  if (shrinking.length === 0) return
  const detail = `${config.name} holds ${state.messages} messages; smaller: ${shrinking.join(', ')}`
  throw new AppError('BRK_STREAM_SHRINK', { detail, stream: config.name, fields: shrinking })
}
