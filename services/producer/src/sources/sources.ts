import { createNatsRawSource } from './nats-raw.ts'
import { createSalKafkaSource } from './sal-kafka/sal-kafka.ts'
import type { Source, SourceOptions } from './source.ts'

/** Every source by the name that SOURCE gives it. Making one opens nothing. */
export const sources = {
  'nats-raw': createNatsRawSource,
  'sal-kafka': createSalKafkaSource
} as const satisfies Readonly<Record<string, (options: SourceOptions) => Source>>

/** A name that SOURCE may have. */
export type SourceName = keyof typeof sources

/** All of them, for the setting. */
export const sourceNames = Object.keys(sources) as SourceName[]
