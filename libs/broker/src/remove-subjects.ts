import { append } from './append.ts'
import type { Broker } from './broker.ts'
import { askJetStream } from './jetstream.ts'
import { readStream } from './read-stream.ts'
import { encodeRemovalNote, type RemovalNote, runsOf } from './removal-note.ts'
import { streamState } from './stream-info.ts'
import { REMOVAL_LIST_TIMEOUT_MS, STREAM_CHANGE_TIMEOUT_MS } from './timing.ts'

/** What to remove, and where that is noted for those who would take it for a loss. */
export interface RemoveOptions {
  readonly stream: string
  /** Patterns as the server knows them, which do not overlap. */
  readonly filters: readonly string[]
  /** Subject of a stream that keeps the notes: see `createRemovals`. */
  readonly noteOn: string
}

/** How much `removeSubjects` has removed, and up to where it looked. */
export interface RemovedSubjects {
  /** How many messages were removed. */
  readonly count: number
  /** The last sequence of the stream when it began: what was stored behind it is there. */
  readonly upTo: number
}

/** Sequences of one note: the server takes messages of 1 MB at most. */
const MOST_NOTED = 20_000

/**
 * Removes what a stream holds under some filters when it is called. Which messages they are is noted first,
 * so that no resume tells them as a gap. Throws BRK_NO_STREAM and the broker's errors.
 */
export async function removeSubjects(broker: Broker, options: RemoveOptions): Promise<RemovedSubjects> {
  const { stream, filters } = options
  const { epoch, lastSeq } = await streamState(broker, stream)
  await note(broker, options, { epoch, upTo: lastSeq })
  let count = 0
  for (const filter of filters) {
    const { purged } = await askJetStream(
      broker,
      (manager, streamName) => manager.streams.purge(streamName(stream), { filter, seq: lastSeq + 1 }),
      { timeoutMs: STREAM_CHANGE_TIMEOUT_MS }
    )
    count += purged
  }
  return { count, upTo: lastSeq }
}

async function note(
  broker: Broker,
  { stream, filters, noteOn }: RemoveOptions,
  { epoch, upTo }: Pick<RemovalNote, 'epoch' | 'upTo'>
): Promise<void> {
  const sequences = await sequencesUnder(broker, stream, filters, upTo)
  for (let at = 0; at < sequences.length; at += MOST_NOTED) {
    const runs = runsOf(sequences.slice(at, at + MOST_NOTED))
    const text = encodeRemovalNote({ stream, epoch, subjects: filters, upTo, runs })
    await append(broker, { subject: noteOn, data: new TextEncoder().encode(text) })
  }
}

async function sequencesUnder(
  broker: Broker,
  stream: string,
  filters: readonly string[],
  toSeq: number
): Promise<readonly number[]> {
  const sequences: number[] = []
  const bounds = { maxMessages: Infinity, maxBytes: Infinity, timeoutMs: REMOVAL_LIST_TIMEOUT_MS }
  const part = { stream, subjects: filters, from: { seq: 1 }, toSeq, isWithoutData: true }
  for await (const { seq } of readStream(broker, { ...part, ...bounds })) sequences.push(seq)
  return sequences
}
