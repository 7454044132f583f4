import { createNatsExecSink } from './nats-exec.ts'
import { createSalKafkaSink } from './sal-kafka/sal-kafka.ts'
import type { Sink, SinkOptions } from './sink.ts'

/** Every sink by the name that SINK gives it. Making one opens nothing. */
export const sinks = {
  'nats-exec': createNatsExecSink,
  'sal-kafka': createSalKafkaSink
} as const satisfies Readonly<Record<string, (options: SinkOptions) => Sink>>

/** All of them, for the setting. */
export const sinkNames = Object.keys(sinks) as (keyof typeof sinks)[]
