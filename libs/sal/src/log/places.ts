import { Admin, type ClusterTopicMetadata, Consumer } from '@platformatic/kafka'
import { clientOptions, type KafkaAccess } from './kafka-access.ts'
import { readSnappyInBlocks } from './snappy-blocks.ts'

readSnappyInBlocks()

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

/** A partition that was not there before, and what it holds. */
export interface FoundPartition extends Partition, Extent {}

/** A partition, where it is read, and how far. */
export interface Place extends Partition {
  /** Another one where the topic was made anew. */
  readonly topicId: string
  leader: number
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
   * Asks anew; gives whether anything is read elsewhere than before. `begin` says where reading begins of the partitions
   * that were not there before, in their order; one that was made anew was not.
   */
  async ask(
    wants: (topic: string) => boolean,
    begin: (found: readonly FoundPartition[]) => Promise<readonly bigint[]>
  ): Promise<boolean> {
    const topics = (await this.#admin.listTopics({})).filter(wants)
    const places = topics.length === 0 ? [] : await this.#find(topics)
    const kept = places.map(place => this.#kept(place))
    const fresh = places.filter((_, i) => kept[i] === undefined)
    await this.#begin(fresh, begin)
    const isSame =
      fresh.length === 0 &&
      places.length === this.#known.size &&
      places.every(({ leader }, i) => kept[i]?.leader === leader)
    for (const [i, { leader }] of places.entries()) Object.assign(kept[i] ?? {}, { leader })
    this.#known = new Map(places.map((place, i) => [keyOf(place), kept[i] ?? place]))
    return !isSame
  }

  /** The place that is known of a partition, where it is the same one: whoever reads it moves its position. */
  #kept(place: Place): Place | undefined {
    const before = this.#known.get(keyOf(place))
    return before?.topicId === place.topicId ? before : undefined
  }

  async #begin(
    fresh: readonly Place[],
    begin: (found: readonly FoundPartition[]) => Promise<readonly bigint[]>
  ): Promise<void> {
    if (fresh.length === 0) return
    const extents = await this.extents(fresh)
    const found = fresh.map(place => ({ ...place, ...(extents.get(keyOf(place)) ?? NOTHING) }))
    const positions = await begin(found)
    for (const [i, place] of fresh.entries()) place.position = positions[i] ?? found[i]?.end ?? 0n
  }

  async #find(topics: string[]): Promise<Place[]> {
    // Its client fetches nothing at all while one of these is not there.
    this.consumer.topics.clear()
    this.consumer.topics.trackAll(...topics)
    const metadata = await this.consumer.metadata({ topics, forceUpdate: true })
    return topics.flatMap(topic => placesOf(topic, metadata.topics.get(topic)))
  }

  /** By topic and partition, the offset of the first record that is not older; undefined where there is none. */
  async offsetsSince(
    topics: readonly string[],
    timeMs: number
  ): Promise<(partition: Partition) => bigint | undefined> {
    const offsets = await this.consumer.listOffsets({
      topics: [...topics],
      timestamp: BigInt(Math.floor(timeMs))
    })
    return ({ topic, partition }) => {
      const offset = offsets.get(topic)?.[partition]
      return offset === undefined || offset < 0n ? undefined : offset
    }
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
