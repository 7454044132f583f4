import { setTimeout } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import { ProduceAcks, Producer } from '@platformatic/kafka'
import { clientOptions, type KafkaAccess } from './kafka-access.ts'
import { isTooLarge, isUnknownTopic, kafkaError } from './kafka-error.ts'
import { messageOf, type WrittenRecord } from './log-writer.ts'

/** Writes what components say, in its order, without that anybody waits for it; as SAL's do, a leader's word is enough. */
export interface BatchWriter {
  /** Takes a record; where too many wait already it is left out, and counted. */
  write(record: WrittenRecord): void
  /**
   * Records that were left out so far: too many waited, one was too large, its topic was deleted, or Kafka took nothing
   * for half a minute.
   */
  dropped(): number
  /** Ends when what waits is written, at the latest after a few seconds. */
  close(): Promise<void>
}

const MAX_WAITING_BYTES = 32 * 1024 * 1024
const MAX_BATCH = 2_000
const PAUSE_MS = 500
const TRIES = 60
const CLOSE_MS = 3_000
/** A topic that is not there is waited for by so many tries, then asked for now and then. */
const TOPIC_TRIES = 10
const TOPIC_AGAIN_MS = 5_000
/** Records of one tick go out together. */
const LINGER_MS = 5

/** Makes one; nothing is opened yet. `failed` is told each time that Kafka does not take a batch. */
export const createBatchWriter = (access: KafkaAccess, failed: (error: AppError) => void): BatchWriter =>
  new Batches(access, failed)

class Batches implements BatchWriter {
  readonly #producer: Producer<string, Buffer, string, string>
  readonly #failed: (error: AppError) => void
  readonly #ending = new AbortController()
  #waiting: WrittenRecord[] = []
  #waitingBytes = 0
  #dropped = 0
  /** Topics that are not there, and when they are asked for again. */
  readonly #absent = new Map<string, number>()
  /** Whether it was told that too much waits; again once there was room. */
  #isFull = false
  #running: Promise<void> | undefined

  constructor(access: KafkaAccess, failed: (error: AppError) => void) {
    this.#producer = new Producer(clientOptions(access))
    this.#failed = failed
  }

  write(record: WrittenRecord): void {
    if ((this.#absent.get(record.topic) ?? 0) > performance.now()) this.#dropped++
    else if (this.#ending.signal.aborted || this.#waitingBytes > MAX_WAITING_BYTES) this.#leaveOut()
    else this.#take(record)
  }

  dropped(): number {
    return this.#dropped
  }

  async close(): Promise<void> {
    const over = setTimeout(CLOSE_MS, undefined, { ref: false })
    await Promise.race([this.#running, over])
    this.#ending.abort()
    await this.#running
    await this.#producer.close()
  }

  async #run(): Promise<void> {
    await setTimeout(LINGER_MS)
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, MAX_BATCH))
    this.#running = undefined
  }

  #take(record: WrittenRecord): void {
    this.#waiting.push(record)
    this.#waitingBytes += record.value.length
    this.#running ??= this.#run()
  }

  #leaveOut(): void {
    this.#dropped++
    if (this.#isFull || this.#ending.signal.aborted) return
    this.#isFull = true
    this.#failed(new AppError('SAL_KAFKA', { detail: 'too many records wait for it: new ones are left out' }))
  }

  /** One batch at a time: what is written later never comes before it. */
  async #send(batch: readonly WrittenRecord[], triesBefore = 0): Promise<void> {
    const messages = batch.map(messageOf)
    for (let tries = triesBefore; tries < TRIES && !this.#ending.signal.aborted; tries++)
      try {
        await this.#producer.send({ messages, acks: ProduceAcks.LEADER })
        for (const { topic } of batch) this.#absent.delete(topic)
        return this.#release(batch)
      } catch (cause) {
        this.#failed(kafkaError(cause))
        const sent = this.#sendOtherwise(cause, batch, tries)
        if (sent !== undefined) return sent
        await setTimeout(PAUSE_MS, undefined, { signal: this.#ending.signal }).catch(() => undefined)
      }
    this.#drop(batch)
  }

  /** Sends what would be refused again in another way; undefined where the same try may help. */
  #sendOtherwise(cause: unknown, batch: readonly WrittenRecord[], tries: number): Promise<void> | undefined {
    if (isTooLarge(cause)) return this.#halve(batch)
    return isUnknownTopic(cause) && !this.#mayWait(batch, tries) ? this.#sendByTopic(batch) : undefined
  }

  /** Whether a topic that is not there may still be about to come: Kafka that has just begun knows none. */
  #mayWait(batch: readonly WrittenRecord[], tries: number): boolean {
    return tries < TOPIC_TRIES && !batch.some(({ topic }) => this.#absent.has(topic))
  }

  /** A topic that is not there costs its own records alone. */
  async #sendByTopic(batch: readonly WrittenRecord[]): Promise<void> {
    const topics = [...new Set(batch.map(({ topic }) => topic))]
    if (topics.length > 1)
      for (const name of topics)
        await this.#send(
          batch.filter(({ topic }) => topic === name),
          TOPIC_TRIES
        )
    else {
      for (const topic of topics) this.#absent.set(topic, performance.now() + TOPIC_AGAIN_MS)
      this.#drop(batch)
    }
  }

  /** What is too large together goes in parts, and what is too large alone is left out: nothing else waits for it. */
  async #halve(batch: readonly WrittenRecord[]): Promise<void> {
    if (batch.length === 1) return this.#drop(batch)
    const middle = Math.ceil(batch.length / 2)
    await this.#send(batch.slice(0, middle))
    await this.#send(batch.slice(middle))
  }

  #drop(batch: readonly WrittenRecord[]): void {
    this.#dropped += batch.length
    this.#release(batch)
  }

  #release(batch: readonly WrittenRecord[]): void {
    for (const { value } of batch) this.#waitingBytes -= value.length
    this.#isFull = false
  }
}
