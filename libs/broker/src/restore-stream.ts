import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { Broker } from './broker.ts'
import { keepsMetadata } from './ensure-streams.ts'
import { askJetStream } from './jetstream.ts'
import { askWhole, readAnswer, type SnapshotFacts, type StreamSize } from './snapshot-stream.ts'
import { streamState } from './stream-info.ts'
import {
  RESTORE_END_MS,
  RESTORE_LEFT_MS,
  RESTORE_LOOK_MS,
  SNAPSHOT_SILENCE_MS,
  STREAM_CHANGE_TIMEOUT_MS
} from './timing.ts'

/** What a restored stream is to be besides what it was. */
interface RestoreOptions {
  /** Servers that keep each message; default: as many as before. */
  readonly replicas?: 1 | 3 | undefined
  /** Deletes a stream of that name first; default: it is refused. */
  readonly mayReplace?: boolean
}

/** A stream that is there again. */
export interface RestoredStream {
  readonly name: string
  readonly messages: number
  /** Another one than before: no cursor of the time before is believed. */
  readonly epoch: string
}

/** Parts that are sent before the first of them is acknowledged. */
const AT_ONCE = 16

/**
 * Makes a stream from the parts that `snapshotStream` gave, with its messages, their sequences and times, and its
 * consumers; its epoch is a new one from its first moment. Where that fails on the way, what was made of it is
 * deleted again: the server would leave a part. Throws BRK_STREAM_EXISTS, BRK_NOT_PERMITTED, BRK_TIMEOUT,
 * BRK_UNAVAILABLE, BRK_REFUSED, and what `parts` throws. [nats-server/server/stream_backup.go, RestoreStreamV2]
 */
export async function restoreStream(
  broker: Broker,
  facts: SnapshotFacts,
  parts: AsyncIterable<Uint8Array>,
  { replicas, mayReplace = false }: RestoreOptions = {}
): Promise<RestoredStream> {
  if (!keepsMetadata(broker))
    throw new AppError('BRK_REFUSED', {
      detail: 'nats-server 2.10 or newer is needed: the epoch stands in metadata'
    })
  if (mayReplace) await deleteStream(broker, facts.name)
  const epoch = randomUUID()
  const receiver = { stream: facts.name, subject: await begin(broker, facts, { epoch, replicas }) }
  try {
    return { name: facts.name, messages: await fill(broker, receiver, facts, parts), epoch }
  } catch (error) {
    await undo(broker, receiver, error).catch(() => {})
    throw error
  }
}

interface Beginning {
  readonly epoch: string
  readonly replicas: 1 | 3 | undefined
}

/** Asks the server to make the stream; gives the subject on which it takes the parts. */
async function begin(
  broker: Broker,
  { name, config, state }: SnapshotFacts,
  { epoch, replicas }: Beginning
): Promise<string> {
  const metadata = { ...(config['metadata'] as object | undefined), epoch }
  const wanted = { ...config, metadata, ...(replicas !== undefined && { num_replicas: replicas }) }
  try {
    const request = { config: wanted, state }
    return (await askWhole<{ readonly deliver_subject: string }>(broker, 'RESTORE', name, request))
      .deliver_subject
  } catch (error) {
    if (isUnanswered(error)) await undoUnanswered(broker, name, epoch)
    throw error
  }
}

/** Sends the parts; gives the number of messages that the stream then has. */
async function fill(
  broker: Broker,
  receiver: Receiver,
  { name, state }: SnapshotFacts,
  parts: AsyncIterable<Uint8Array>
): Promise<number> {
  const restored = await sendParts(broker, receiver, parts)
  if (restored.last_seq === state.last_seq) return restored.messages
  throw new AppError('BRK_REFUSED', {
    detail: `${name} ends at message ${restored.last_seq} instead of ${state.last_seq}`
  })
}

/** Ends what the server still waits for, and deletes what it made; somebody else's stream of that name stays. */
async function undo(broker: Broker, { stream, subject }: Receiver, cause: unknown): Promise<void> {
  if (cause instanceof AppError && cause.code === 'BRK_STREAM_EXISTS') return
  await broker.request(subject, '', { timeoutMs: STREAM_CHANGE_TIMEOUT_MS }).catch(() => {})
  await deleteStream(broker, stream)
}

const isUnanswered = (error: unknown): boolean =>
  error instanceof AppError && (error.code === 'BRK_TIMEOUT' || error.code === 'BRK_UNAVAILABLE')

/**
 * Deletes what a server made that was asked and not heard. Of three servers one makes the stream, waits 5 s for a
 * part that does not come, and leaves it, empty and under its name; until then it is listed but not found. The epoch
 * tells whether it is the one that was asked for. [nats-server/server/jetstream_cluster.go, processStreamRestore]
 */
async function undoUnanswered(broker: Broker, stream: string, epoch: string): Promise<void> {
  const untilMs = performance.now() + RESTORE_LEFT_MS
  while (performance.now() < untilMs) {
    const found = await epochOfStream(broker, stream)
    if (found !== undefined && (found !== epoch || (await isDeleted(broker, stream)))) return
    await sleep(RESTORE_LOOK_MS)
  }
}

/** Undefined while it is not there, and while the broker does not say. */
const epochOfStream = (broker: Broker, stream: string): Promise<string | undefined> =>
  streamState(broker, stream).then(
    ({ epoch }) => epoch,
    () => undefined
  )

interface Receiver {
  readonly stream: string
  readonly subject: string
}

/**
 * The messages are acknowledged when the server has taken them, in order; the empty one when all of it is stored.
 */
async function sendParts(
  broker: Broker,
  { stream, subject }: Receiver,
  parts: AsyncIterable<Uint8Array>
): Promise<StreamSize> {
  const open: Promise<void>[] = []
  const send = async (part: Uint8Array): Promise<void> => {
    const refusal = (await broker.request(subject, part, { timeoutMs: SNAPSHOT_SILENCE_MS })).text()
    if (refusal !== '') readAnswer(refusal, stream)
  }
  for await (const part of parts) {
    const sent = send(part)
    // Whoever fails is awaited below, after those before.
    sent.catch(() => {})
    open.push(sent)
    if (open.length >= AT_ONCE) await open.shift()
  }
  await Promise.all(open)
  const end = await broker.request(subject, '', { timeoutMs: RESTORE_END_MS })
  return readAnswer<{ readonly state: StreamSize }>(end.text(), stream).state
}

const isDeleted = (broker: Broker, stream: string): Promise<boolean> =>
  deleteStream(broker, stream).then(
    () => true,
    () => false
  )

async function deleteStream(broker: Broker, stream: string): Promise<void> {
  try {
    await askJetStream(broker, manager => manager.streams.delete(stream), {
      timeoutMs: STREAM_CHANGE_TIMEOUT_MS
    })
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'BRK_NO_STREAM')) throw error
  }
}
