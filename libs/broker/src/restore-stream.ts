import { randomUUID } from 'node:crypto'
import { AppError } from '@meridian/errors'
import type { Broker } from './broker.ts'
import { keepsMetadata } from './ensure-streams.ts'
import { askJetStream } from './jetstream.ts'
import { askWhole, readAnswer, type SnapshotFacts, type StreamSize } from './snapshot-stream.ts'
import { RESTORE_END_MS, SNAPSHOT_SILENCE_MS, STREAM_CHANGE_TIMEOUT_MS } from './timing.ts'

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
 * consumers; its epoch is a new one from its first moment. Where that fails on the way, what was made of it is deleted again: the server would
 * leave a part. Throws BRK_STREAM_EXISTS, BRK_NOT_PERMITTED, BRK_TIMEOUT, BRK_UNAVAILABLE, BRK_REFUSED, and what
 * `parts` throws. [nats-server/server/stream_backup.go, RestoreStreamV2]
 */
export async function restoreStream(
  broker: Broker,
  { name, config, state }: SnapshotFacts,
  parts: AsyncIterable<Uint8Array>,
  { replicas, mayReplace = false }: RestoreOptions = {}
): Promise<RestoredStream> {
  if (!keepsMetadata(broker))
    throw new AppError('BRK_REFUSED', {
      detail: 'nats-server 2.10 or newer is needed: the epoch stands in metadata'
    })
  if (mayReplace) await deleteStream(broker, name)
  const epoch = randomUUID()
  const metadata = { ...(config['metadata'] as object | undefined), epoch }
  const wanted = { ...config, metadata, ...(replicas !== undefined && { num_replicas: replicas }) }
  const begun = await askWhole<{ readonly deliver_subject: string }>(broker, 'RESTORE', name, {
    config: wanted,
    state
  })
  try {
    const restored = await sendParts(broker, { stream: name, subject: begun.deliver_subject }, parts)
    if (restored.last_seq !== state.last_seq)
      throw new AppError('BRK_REFUSED', {
        detail: `${name} ends at message ${restored.last_seq} instead of ${state.last_seq}`
      })
    return { name, messages: restored.messages, epoch }
  } catch (error) {
    await undo(broker, { stream: name, subject: begun.deliver_subject }, error).catch(() => {})
    throw error
  }
}

/** Ends what the server still waits for, and deletes what it made; somebody else's stream of that name stays. */
async function undo(broker: Broker, { stream, subject }: Receiver, cause: unknown): Promise<void> {
  if (cause instanceof AppError && cause.code === 'BRK_STREAM_EXISTS') return
  await broker.request(subject, '', { timeoutMs: STREAM_CHANGE_TIMEOUT_MS }).catch(() => {})
  await deleteStream(broker, stream)
}

interface Receiver {
  readonly stream: string
  readonly subject: string
}

/** The messages are acknowledged when the server has taken them, in order; the empty one when all of it is stored. */
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

async function deleteStream(broker: Broker, stream: string): Promise<void> {
  try {
    await askJetStream(broker, manager => manager.streams.delete(stream), {
      timeoutMs: STREAM_CHANGE_TIMEOUT_MS
    })
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'BRK_NO_STREAM')) throw error
  }
}
