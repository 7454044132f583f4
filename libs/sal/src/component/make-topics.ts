import { setTimeout } from 'node:timers/promises'
import { Admin } from '@platformatic/kafka'
import { clientOptions, type KafkaAccess } from '../log/kafka-access.ts'
import { kafkaError } from '../log/kafka-error.ts'

/** What topics are made like. */
export interface MakeTopicsOptions {
  /** Default: 1. */
  readonly partitions?: number
  /** Whether of each key the last record is kept, as of events; default: all of them for some time. */
  readonly areCompacted?: boolean
  /** Told the names of those that are there, as they come. */
  readonly onThere?: (names: readonly string[]) => void
}

/** Kafka makes some hundred a second, and each request has to be answered in time. */
const AT_ONCE = 200
const PAUSE_MS = 100
const WAIT_MS = 20_000

/**
 * Makes those topics of Kafka that are not there yet, as a component does when it starts. Resolves when each has a
 * leader. Rejects with SAL_KAFKA.
 */
export async function makeTopics(
  access: KafkaAccess,
  names: readonly string[],
  { partitions = 1, areCompacted = false, onThere = () => undefined }: MakeTopicsOptions = {}
): Promise<void> {
  const admin = new Admin({ ...clientOptions(access), retries: 3 })
  const configs = areCompacted ? [{ name: 'cleanup.policy', value: 'compact' }] : []
  try {
    const there = new Set(await admin.listTopics({}))
    const missing = [...new Set(names)].filter(name => !there.has(name))
    onThere(names.filter(name => there.has(name)))
    for (let at = 0; at < missing.length; at += AT_ONCE) {
      const topics = missing.slice(at, at + AT_ONCE)
      await admin.createTopics({ topics, partitions, replicas: 1, configs })
      await leadersAreKnown(admin, topics)
      onThere(topics)
    }
  } catch (error) {
    throw kafkaError(error)
  } finally {
    await admin.close()
  }
}

/** A topic that was just made is not known everywhere at once. */
async function leadersAreKnown(admin: Admin, topics: string[]): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  for (;;)
    try {
      await admin.metadata({ topics, forceUpdate: true })
      return
    } catch (error) {
      if (performance.now() > deadline) throw error
      await setTimeout(PAUSE_MS)
    }
}
