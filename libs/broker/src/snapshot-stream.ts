import { AppError } from '@meridian/errors'
import type { ApiError } from '@nats-io/jetstream'
import type { Msg, NatsConnection, Subscription } from '@nats-io/nats-core'
import type { Broker } from './broker.ts'
import { apiErrorOf } from './broker-error.ts'
import { createInbox, internalsOf } from './internals.ts'
import { streamInfo } from './stream-info.ts'
import { wholeStreamOf } from './stream-rights.ts'
import { SNAPSHOT_BEGIN_MS, SNAPSHOT_SILENCE_MS } from './timing.ts'

/** What belongs to the bytes of a snapshot: with both a stream can be made again. */
export interface SnapshotFacts {
  readonly name: string
  /** As the server tells it. */
  readonly config: Readonly<Record<string, unknown>>
  /** As the server tells it: `messages`, `last_seq` and more. */
  readonly state: StreamSize
}

/** How much a stream holds, in the server's words. */
export interface StreamSize {
  readonly messages: number
  readonly bytes: number
  readonly last_seq: number
}

/** What is sent before the first of it is acknowledged: so much is in memory at most. */
const WINDOW_BYTES = 4 * 1024 * 1024
const CHUNK_BYTES = 128 * 1024

/**
 * Has the server write out a stream with its consumers and hands the parts to `write`, in order, each when the one
 * before is written: the server waits 5 s for that. The format is the server's own. Throws BRK_NO_STREAM,
 * BRK_NOT_PERMITTED, BRK_TIMEOUT, BRK_UNAVAILABLE, BRK_REFUSED where the server gives up or a part is missing, and
 * what `write` throws.
 * [nats-server/server/jetstream_api.go, streamSnapshot]
 */
export async function snapshotStream(
  broker: Broker,
  stream: string,
  write: (part: Uint8Array) => Promise<void>
): Promise<SnapshotFacts> {
  const internals = internalsOf(broker)
  // Of three servers only the leader of a stream answers: nobody, where there is none.
  await streamInfo(broker, stream, { timeoutMs: SNAPSHOT_BEGIN_MS })
  const deliverTo = createInbox(internals)
  const subscription = internals.nc.subscribe(deliverTo)
  try {
    const request = { deliver_subject: deliverTo, chunk_size: CHUNK_BYTES, window_size: WINDOW_BYTES }
    const facts = await askWhole<Omit<SnapshotFacts, 'name'>>(broker, 'SNAPSHOT', stream, request)
    await internals.lostRequests.race(takeParts(internals.nc, subscription, write))
    return { name: stream, config: facts.config, state: facts.state }
  } finally {
    subscription.unsubscribe()
  }
}

/** Asks for a whole stream, and throws what the server refuses as a coded error. */
export async function askWhole<T>(
  broker: Broker,
  operation: 'SNAPSHOT' | 'RESTORE',
  stream: string,
  request: object
): Promise<T> {
  const { apiPrefix } = internalsOf(broker).apiOptions
  const subject = wholeStreamOf(operation, stream, apiPrefix)
  const answer = await broker.request(subject, JSON.stringify(request), { timeoutMs: SNAPSHOT_BEGIN_MS })
  return readAnswer<T>(answer.text(), stream)
}

/** The server's answer about a stream; throws where it is a refusal. */
export function readAnswer<T>(text: string, stream: string): T {
  const answer = JSON.parse(text) as T & { readonly error?: ApiError }
  if (answer.error !== undefined) throw apiErrorOf(answer.error, { stream })
  return answer
}

async function takeParts(
  nc: NatsConnection,
  subscription: Subscription,
  write: (part: Uint8Array) => Promise<void>
): Promise<void> {
  const silence = setTimeout(() => subscription.unsubscribe(), SNAPSHOT_SILENCE_MS)
  try {
    let expected = 1
    for await (const part of subscription) {
      silence.refresh()
      if (part.data.length === 0) return assertWhole(part)
      assertNext(part, expected++)
      await write(part.data)
      if (part.reply) nc.publish(part.reply)
      silence.refresh()
    }
  } finally {
    clearTimeout(silence)
  }
  throw new AppError('BRK_TIMEOUT', { detail: `no part of the stream in ${SNAPSHOT_SILENCE_MS / 1000} s` })
}

// `….<bytes>.<number>`; the last part is not acknowledged and says nothing.
function assertNext({ reply }: Msg, expected: number): void {
  const number = reply ? Number(reply.slice(reply.lastIndexOf('.') + 1)) : expected
  if (number !== expected)
    throw new AppError('BRK_REFUSED', { detail: `part ${expected} of the stream is missing: ${number} came` })
}

// 204: that was all. 408 and 500: the server gives up.
function assertWhole({ headers }: Msg): void {
  if (headers !== undefined && headers.code >= 400)
    throw new AppError('BRK_REFUSED', {
      detail: `the broker gives up: ${headers.code} ${headers.description}`
    })
}
