import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { StreamInfo } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'
import { isWithoutRoom } from './broker-error.ts'
import { keepsMetadata } from './ensure-streams.ts'
import { askJetStream } from './jetstream.ts'
import { askWhole, readAnswer, type SnapshotFacts, type StreamSize } from './snapshot-stream.ts'
import { streamInfo, streamState } from './stream-info.ts'
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

/** What `restoreStream` has made: a stream with the sequences and times of the backup. */
export interface RestoredStream {
  readonly name: string
  /** Those of the backup, and what was published since. */
  readonly messages: number
  /** Another one than before: no cursor of the time before is believed. */
  readonly epoch: string
}

const MIB = 2 ** 20
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
  /** Asks for so much room in place of what the stream may take. */
  readonly maxBytes?: number
}

/**
 * Finds out whether the server would take streams in the place of those that exist, while these are still
 * there. One server is asked to restore each over the one that exists, with the room that all of them need
 * more at most: it looks at configuration and room first, and then refuses, since the stream exists. Of three
 * servers it is the account's limit that is looked at. Throws BRK_NO_ROOM, and BRK_REFUSED with what else the
 * server refuses. [nats-server/server/jetstream_api.go, jsStreamRestoreRequest]
 */
export async function assertReplaceable(
  broker: Broker,
  backup: readonly SnapshotFacts[],
  replicas?: 1 | 3
): Promise<void> {
  const present: SnapshotFacts[] = []
  let more = 0
  let most = 1
  for (const facts of backup) {
    const there = await infoOf(broker, facts.name)
    if (there !== undefined) {
      assertReplicas(there, replicas ?? Number(facts.config['num_replicas'] ?? 1))
      present.push(facts)
    }
    more += roomFor(facts) - Math.max(0, there?.config.max_bytes ?? 0)
    most = Math.max(most, more)
  }
  for (const facts of present) await assertTaken(broker, facts, { replicas, maxBytes: most })
}

/** What a server sets aside for a stream of a backup. [nats-server/server/stream_backup.go] */
const roomFor = ({ config, state }: SnapshotFacts): number =>
  Math.max(Number(config['max_bytes'] ?? 0), state.bytes)

/** A server that is in no cluster keeps one replica, and says so only once the name is free. */
function assertReplicas({ cluster, config: { name } }: StreamInfo, replicas: number): void {
  if (replicas === 1 || cluster?.name) return
  throw new AppError('BRK_REFUSED', { detail: `${name}: a single server keeps one replica, not ${replicas}` })
}

/** What the server says of a stream; undefined where there is none. */
async function infoOf(broker: Broker, stream: string): Promise<StreamInfo | undefined> {
  try {
    return await streamInfo(broker, stream)
  } catch (error) {
    if (error instanceof AppError && error.code === 'BRK_NO_STREAM') return undefined
    throw error
  }
}

/**
 * Asks for what the server refuses in any case, and throws where that is for another reason than the name.
 */
async function assertTaken(
  broker: Broker,
  facts: SnapshotFacts,
  asked: Pick<Beginning, 'replicas'> & { readonly maxBytes: number }
): Promise<void> {
  try {
    const subject = await begin(broker, facts, { ...asked, epoch: randomUUID() })
    // Somebody has deleted it since: what was begun is ended.
    await undo(broker, { stream: facts.name, subject }, undefined)
  } catch (cause) {
    if (isWithoutRoom(cause)) throw new AppError('BRK_NO_ROOM', { cause, detail: roomText(asked.maxBytes) })
    if (!(cause instanceof AppError && cause.code === 'BRK_STREAM_EXISTS')) throw cause
  }
}

const roomText = (bytes: number): string =>
  `the streams of the backup may take ${Math.ceil(bytes / MIB)} MiB more than those in whose place they come`

/** Asks the server to make the stream; gives the subject on which it takes the parts. */
async function begin(
  broker: Broker,
  { name, config, state }: SnapshotFacts,
  { epoch, replicas, maxBytes }: Beginning
): Promise<string> {
  const metadata = { ...(config['metadata'] as object | undefined), epoch }
  const wanted = {
    ...{ ...config, metadata },
    ...(replicas !== undefined && { num_replicas: replicas }),
    ...(maxBytes !== undefined && { max_bytes: maxBytes })
  }
  try {
    const request = { config: wanted, state }
    return (await askWhole<{ readonly deliver_subject: string }>(broker, 'RESTORE', name, request))
      .deliver_subject
  } catch (error) {
    if (isUnanswered(error)) await undoUnanswered(broker, name, epoch)
    throw error
  }
}

/**
 * Sends the parts; gives the number of messages that the stream then has. It takes what is published from the end of the
 * backup on, which comes before the server's answer: there may be more. [nats-server/server/stream_backup.go]
 */
async function fill(
  broker: Broker,
  receiver: Receiver,
  { name, state }: SnapshotFacts,
  parts: AsyncIterable<Uint8Array>
): Promise<number> {
  const restored = await sendParts(broker, receiver, parts)
  if (restored.last_seq >= state.last_seq) return restored.messages
  throw new AppError('BRK_REFUSED', {
    detail: `${name} ends at message ${restored.last_seq}, before ${state.last_seq}`
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
