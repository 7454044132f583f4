import { setTimeout } from 'node:timers/promises'
import type { AppError } from '@meridian/errors'
import { partialAnswerOf, stateOf } from './fetch-errors.ts'
import type { FetchAnswer, FetchTopic, PartitionAnswer } from './fetch-shapes.ts'
import type { KafkaAccess } from './kafka-access.ts'
import { kafkaError } from './kafka-error.ts'
import { type FoundPartition, keyOf, type Partition, type Place, Places } from './places.ts'
import { recordsFrom, type TakenPartition } from './records.ts'

/** What is to be read, and who is told. */
export interface LogReaderOptions {
  readonly access: KafkaAccess
  /** Which of the topics that there are; asked again for those that come later. */
  readonly wants: (topic: string) => boolean
  /**
   * Where reading begins of partitions that were not there before, in their order. Asked again for one whose topic was
   * deleted and made anew: nothing of that was read.
   */
  readonly begin: (found: readonly FoundPartition[]) => Promise<readonly bigint[]>
  /**
   * Takes what came in one answer of a broker, of each partition in its order; the next answer waits for it. It must
   * not throw.
   */
  readonly take: (taken: readonly TakenPartition[]) => void | Promise<void>
  /** Told of offsets that the log dropped before they were read: from one up to another, which is not among them. */
  readonly lost: (partition: Partition, from: bigint, to: bigint) => void
  /** Told what went wrong, before it is tried again. */
  readonly failed: (error: AppError) => void
}

/** Reads topics of Kafka by itself: it joins no group, and keeps the position of each partition. */
export interface LogReader {
  /** Resolves when every partition that there is has its position. Rejects with SAL_KAFKA where none is reached. */
  start(): Promise<void>
  /**
   * Asks for the offset of the first record that is not older than a time (UTC, ms), by topic and partition; undefined
   * where there is none. Rejects with SAL_KAFKA.
   */
  offsetsSince(
    topics: readonly string[],
    timeMs: number
  ): Promise<(partition: Partition) => bigint | undefined>
  /** Ms since a broker of Kafka answered last; 0 while an answer is being taken. */
  silentMs(): number
  /** Ends when what has come is taken. */
  stop(): Promise<void>
}

const MAX_WAIT_MS = 250
const MAX_BYTES = 4 * 1024 * 1024
const PARTITION_BYTES = 2 * 1024 * 1024
const PAUSE_MS = 500
/**
 * A component writes each record by itself, and a fetch for each costs more than all else that is done with it: after
 * an answer the broker gathers for so long before it is asked again. Where taking lasts longer, it is asked at once.
 */
const GATHER_MS = 10
/** How long a topic that is made later may wait. */
const LOOK_AGAIN_MS = 15_000
const ANY_EPOCH = -1

/** Makes one; nothing is opened before `start`. */
export const createLogReader = (options: LogReaderOptions): LogReader => new Reader(options)

/** By id of topic and number of partition, as answers name them. */
type PlacesById = ReadonlyMap<string, Place>

/** Partitions that are read from where they were found, until one of them is found elsewhere. */
interface Round {
  isOver: boolean
  /** Aborted when it is over. */
  readonly over: AbortController
}

function endRound(round: Round): void {
  round.isOver = true
  round.over.abort()
}

/**
 * Rounds: ask which topics there are and who leads their partitions; then one fetch after the other at each leader.
 * Meanwhile it is asked again, and a round is over when something has changed, or when a leader fails or knows nothing of
 * a partition. Nothing is lost by it: positions stay.
 */
class Reader implements LogReader {
  readonly #options: LogReaderOptions
  readonly #places: Places
  readonly #ending = new AbortController()
  #running: Promise<void> = Promise.resolve()
  #round: Round | undefined
  #answeredMs = performance.now()
  #taking = 0

  constructor(options: LogReaderOptions) {
    this.#options = options
    this.#places = new Places(options.access)
  }

  async start(): Promise<void> {
    await this.#ask().catch(error => {
      throw kafkaError(error)
    })
    this.#running = this.#run()
  }

  async offsetsSince(
    topics: readonly string[],
    timeMs: number
  ): Promise<(partition: Partition) => bigint | undefined> {
    return this.#places.offsetsSince(topics, timeMs).catch(error => {
      throw kafkaError(error)
    })
  }

  silentMs(): number {
    return this.#taking > 0 ? 0 : performance.now() - this.#answeredMs
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    if (this.#round !== undefined) endRound(this.#round)
    await this.#running
    await this.#places.close()
  }

  async #ask(): Promise<boolean> {
    const isChanged = await this.#places.ask(this.#options.wants, this.#options.begin)
    this.#answeredMs = performance.now()
    return isChanged
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      const round: Round = { isOver: false, over: new AbortController() }
      this.#round = round
      const looking = this.#look(round)
      await Promise.all(
        [...byLeader(this.#places.all())].map(([leader, places]) => this.#follow(leader, places, round))
      )
      await looking
      if (!signal.aborted) await this.#ask().catch(error => this.#fail(error))
    }
  }

  /** Looks for what is made later or has moved, while the others are read; ends when the round does. */
  async #look(round: Round): Promise<void> {
    while (!round.isOver) {
      await this.#pause(LOOK_AGAIN_MS, round.over.signal)
      if (round.isOver) return
      const isChanged = await this.#ask().catch(error => {
        this.#options.failed(kafkaError(error))
        return false
      })
      if (isChanged) endRound(round)
    }
  }

  async #fail(error: unknown): Promise<void> {
    this.#options.failed(kafkaError(error))
    await this.#pause(PAUSE_MS)
  }

  #pause(ms: number, signal = this.#ending.signal): Promise<void> {
    return setTimeout(ms, undefined, { signal }).catch(() => undefined)
  }

  async #follow(leader: number, places: Place[], round: Round): Promise<void> {
    const byId: PlacesById = new Map(places.map(place => [`${place.topicId}/${place.partition}`, place]))
    let answeredMs = -GATHER_MS
    while (!round.isOver && !this.#ending.signal.aborted)
      try {
        const waitMs = answeredMs + GATHER_MS - performance.now()
        if (waitMs > 0) await setTimeout(waitMs)
        const answer = await this.#fetch(leader, places)
        answeredMs = performance.now()
        this.#answeredMs = answeredMs
        await this.#take(answer, byId, round)
        // A broker fills its answer in the order of the question.
        places.push(...places.splice(0, 1))
      } catch (error) {
        endRound(round)
        await this.#fail(error)
      }
    endRound(round)
  }

  async #fetch(node: number, places: readonly Place[]): Promise<FetchAnswer> {
    const topics = questionOf(places)
    try {
      return await this.#places.consumer.fetch({
        node,
        topics,
        minBytes: 1,
        maxBytes: MAX_BYTES,
        maxWaitTime: MAX_WAIT_MS
      })
    } catch (error) {
      const answer = partialAnswerOf(error)
      if (answer === undefined) throw error
      return answer
    }
  }

  async #take(answer: FetchAnswer, byId: PlacesById, round: Round): Promise<void> {
    const taken = new Map<Place, TakenPartition>()
    for (const { topicId, partitions } of answer.responses)
      for (const part of partitions) {
        const place = byId.get(`${topicId}/${part.partitionIndex}`)
        if (place !== undefined) await this.#takePart(place, part, { round, taken })
      }
    await this.#handOver([...taken.values()])
    for (const [place, { next }] of taken) place.position = next
  }

  async #handOver(taken: readonly TakenPartition[]): Promise<void> {
    if (taken.length === 0) return
    this.#taking++
    try {
      await this.#options.take(taken)
    } finally {
      this.#taking--
      this.#answeredMs = performance.now()
    }
  }

  async #takePart(place: Place, part: PartitionAnswer, { round, taken }: Answered): Promise<void> {
    switch (stateOf(part.errorCode)) {
      case 'moved':
        endRound(round)
        return
      case 'out of range':
        return this.#findAgain(place)
      case 'good': {
        const { topic, partition, position } = place
        const some = recordsFrom(position, part.records ?? [])
        if (some.next > position) taken.set(place, { topic, partition, ...some })
      }
    }
  }

  /** The log no longer holds the position, or not yet: on with what it holds. */
  async #findAgain(place: Place): Promise<void> {
    const extent = (await this.#places.extents([place])).get(keyOf(place))
    if (extent === undefined) return
    const { position } = place
    const isDropped = position < extent.earliest
    // It was ahead of a log that has grown since.
    if (!isDropped && position <= extent.end) return
    place.position = isDropped ? extent.earliest : extent.end
    if (isDropped) this.#options.lost(place, position, extent.earliest)
    else this.#options.lost(place, extent.end, position)
  }
}

/** An answer while it is gone through. */
interface Answered {
  readonly round: Round
  readonly taken: Map<Place, TakenPartition>
}

function byLeader(places: readonly Place[]): Map<number, Place[]> {
  const leaders = new Map<number, Place[]>()
  for (const place of places) leaders.set(place.leader, [...(leaders.get(place.leader) ?? []), place])
  return leaders
}

function questionOf(places: readonly Place[]): FetchTopic[] {
  const topics = new Map<string, FetchTopic>()
  for (const { topicId, partition, position } of places) {
    const topic = topics.get(topicId) ?? { topicId, partitions: [] }
    topics.set(topicId, topic)
    topic.partitions.push({
      partition,
      fetchOffset: position,
      currentLeaderEpoch: ANY_EPOCH,
      lastFetchedEpoch: ANY_EPOCH,
      partitionMaxBytes: PARTITION_BYTES
    })
  }
  return [...topics.values()]
}
