import { AppError } from '@meridian/errors'
import {
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
  type StreamInfo
} from '@nats-io/jetstream'
import { nanos } from '@nats-io/nats-core'
import { limitOf } from './stream-info.ts'
import type { StreamSpec } from './stream-table.ts'

/** What the table says of a stream, as the server wants it. */
export type WantedConfig = Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'subjects' | 'max_bytes'>

/** The server's configuration for a row of the table; its epoch is not part of it. */
export const configOf = (spec: StreamSpec): WantedConfig => ({
  name: spec.name,
  description: spec.description,
  subjects: [...spec.subjects],
  retention: spec.kind === 'queue' ? RetentionPolicy.Workqueue : RetentionPolicy.Limits,
  storage: StorageType.File,
  num_replicas: spec.replicas,
  discard: spec.whenFull === 'refuse' ? DiscardPolicy.New : DiscardPolicy.Old,
  max_bytes: spec.maxBytes,
  max_age: nanos(spec.maxAgeMs),
  max_msgs_per_subject: spec.maxPerSubject === 0 ? -1 : spec.maxPerSubject,
  duplicate_window: nanos(spec.duplicateWindowMs),
  allow_direct: true
})

/** Whether a stream is not what the table says. */
export const differs = (wanted: WantedConfig, present: StreamConfig): boolean =>
  Object.entries(wanted).some(
    ([field, value]) => JSON.stringify(value) !== JSON.stringify(present[field as keyof StreamConfig])
  )

/**
 * Throws BRK_STREAM_SHRINK where an update would lose messages: limits below what is stored, ages and counts that become smaller, subjects
 * that go.
 */
export function refuseShrink(wanted: WantedConfig, { config, state }: StreamInfo): void {
  if (state.messages === 0) return
  const smaller = (field: 'max_age' | 'max_msgs_per_subject'): boolean =>
    limitOf(wanted[field]) < limitOf(config[field])
  const shrinking = [
    limitOf(wanted.max_bytes) < state.bytes ? 'max_bytes' : undefined,
    smaller('max_age') ? 'max_age' : undefined,
    smaller('max_msgs_per_subject') ? 'max_msgs_per_subject' : undefined,
    config.subjects.every(subject => wanted.subjects.includes(subject)) ? undefined : 'subjects'
  ].filter(field => field !== undefined)
  if (shrinking.length === 0) return
  const detail = `${config.name} holds ${state.messages} messages; smaller: ${shrinking.join(', ')}`
  throw new AppError('BRK_STREAM_SHRINK', { detail, stream: config.name, fields: shrinking })
}
