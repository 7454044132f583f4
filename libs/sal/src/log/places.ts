import { Admin, type ClusterTopicMetadata, Consumer } from '@platformatic/kafka'
import { clientOptions, type KafkaAccess } from './kafka-access.ts'

/** A partition of a topic: what Kafka keeps in order. */
export interface Partition {
  readonly topic: string
  readonly partition: number
}

/** What a partition holds: offsets of its first record, and behind its last one. */
export interface Extent {
  readonly earliest: bigint
  readonly end: bigint
}

/** A partition, where it is read, and how far. */
export interface Place extends Partition {
  /** Another one where the topic was made anew. */
  readonly topicId: string
  readonly leader: number
  position: bigint
}

/** As Kafka numbers them in a request for offsets. */
const EARLIEST = -2n
const END = -1n

/** Knows which topics there are, and where they are read. */
export class Places {
  readonly consumer: Consumer
  readonly #admin: Admin
  #known = new Map<string, Place>()

  constructor(access: KafkaAccess) {
    const options = clientOptions(access)
    this.#admin = new Admin(options)
    // Kafka's client wants the name of a group; nobody joins it.
    this.consumer = new Consumer({ ...options, groupId: access.clientId })
  }

  all(): readonly Place[] {
    return [...this.#known.values()]
  }

  /**
   * Asks anew. `begin` says where reading begins of a partition that was not there before; one that was made anew is
   * read from its first record.
   */
  async ask(
    wants: (topic: string) => boolean,
    begin: (partition: Partition, extent: Extent) => bigint
  ): Promise<void> {
    const topics = (await this.#admin.listTopics({})).filter(wants)
    if (topics.length === 0) return this.#known.clear()
    this.consumer.topics.trackAll(...topics)
    const metadata = await this.consumer.metadata({ topics, forceUpdate: true })
    const found = topics.flatMap(topic => placesOf(topic, metadata.topics.get(topic)))
    const fresh = found.filter(place => this.#known.get(keyOf(place))?.topicId !== place.topicId)
    const extents = await this.extents(fresh)
    for (const place of found) {
      const before = this.#known.get(keyOf(place))
      const extent = extents.get(keyOf(place)) ?? NOTHING
      if (before === undefined) place.position = begin(place, extent)
      else place.position = before.topicId === place.topicId ? before.position : extent.earliest
    }
    this.#known = new Map(found.map(place => [keyOf(place), place]))
  }

  /** What these hold now, by `keyOf`. */
  async extents(partitions: readonly Partition[]): Promise<ReadonlyMap<string, Extent>> {
    if (partitions.length === 0) return new Map()
    const topics = [...new Set(partitions.map(({ topic }) => topic))]
    const [earliest, end] = await Promise.all(
      [EARLIEST, END].map(timestamp => this.consumer.listOffsets({ topics, timestamp }))
    )
    return new Map(
      partitions.map(place => {
        const at = (offsets = earliest): bigint => offsets?.get(place.topic)?.[place.partition] ?? 0n
        return [keyOf(place), { earliest: at(earliest), end: at(end) }]
      })
    )
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), this.consumer.close(true)])
  }
}

const NOTHING: Extent = { earliest: 0n, end: 0n }

/** A text that is another one for each partition. */
export const keyOf = ({ topic, partition }: Partition): string => `${topic}/${partition}`

const placesOf = (topic: string, found: ClusterTopicMetadata | undefined): Place[] =>
  (found?.partitions ?? []).map(({ leader }, partition) => ({
    ...{ topic, partition, topicId: found?.id ?? '', leader },
    position: 0n
  }))
