import type { Consumer, FetchOptions } from '@platformatic/kafka'

// The client exports the shapes of its fetch only by its methods.

/** What a broker answers to a fetch. */
export type FetchAnswer = Awaited<ReturnType<Consumer['fetch']>>

/** The answer of Kafka to a fetch, as far as it is about one partition. */
export type PartitionAnswer = FetchAnswer['responses'][number]['partitions'][number]

/** One topic of a fetch: its partitions, and from where. */
export type FetchTopic = FetchOptions<unknown, unknown, unknown, unknown>['topics'][number]
