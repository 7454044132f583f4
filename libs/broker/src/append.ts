import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import { type ApiError, type PubAck, PubHeaders } from '@nats-io/jetstream'
import { createBackoff } from './backoff.ts'
import type { Broker } from './broker.ts'
import { apiErrorOf, isPassing, isStreamFull } from './broker-error.ts'
import { lastMessage } from './read-message.ts'
import { APPEND_ATTEMPT_MS, APPEND_TIMEOUT_MS } from './timing.ts'

/** One message to be stored, with what must hold. */
export interface AppendOptions {
  readonly subject: string
  readonly data: Uint8Array | string
  /** Message id for duplicate detection (`Nats-Msg-Id`); default: none. */
  readonly id?: string
  /**
   * The last sequence on the subject, or on any subject that matches `filter`, must be `seq`; 0: there must
   * be none.
   */
  readonly expect?: { readonly seq: number; readonly filter?: string }
  /** Further headers, kept with the message. */
  readonly headers?: Readonly<Record<string, string>>
  /** Over all attempts; default 5 s. */
  readonly timeoutMs?: number
}

/** Stream and sequence at which the message is stored. */
export interface Appended {
  readonly stream: string
  readonly seq: number
  /** The stream had it already, by its id or from an attempt whose answer was lost. */
  readonly duplicate: boolean
}

/**
 * Stores one message and resolves when the stream has it. Tries again while the broker is away or elects.
 * Throws BRK_WRONG_SEQUENCE when somebody else was first, BRK_STREAM_FULL, BRK_NO_RESPONDERS when no stream
 * takes the subject, BRK_TIMEOUT, BRK_NOT_PERMITTED or BRK_REFUSED. After BRK_TIMEOUT the message may or may
 * not be stored.
 */
export async function append(broker: Broker, options: AppendOptions): Promise<Appended> {
  const until = performance.now() + (options.timeoutMs ?? APPEND_TIMEOUT_MS)
  const backoff = createBackoff()
  for (let attempt = 1; ; attempt++) {
    try {
      return await store(broker, options, Math.max(1, Math.min(APPEND_ATTEMPT_MS, until - performance.now())))
    } catch (caught) {
      const error = AppError.from(caught)
      const own = await ownSuccess(broker, options, attempt, error)
      if (own !== undefined) return own
      if (broker.state() === 'closed') throw error
      await waitToRetry(options, error, backoff.nextMs(), until)
    }
  }
}

async function waitToRetry(
  { subject }: AppendOptions,
  error: AppError,
  waitMs: number,
  until: number
): Promise<void> {
  if (isStreamFull(error)) throw new AppError('BRK_STREAM_FULL', { cause: error, subject })
  if (!isPassing(error) || performance.now() + waitMs >= until) throw error
  await sleep(waitMs)
}

// A plain request with the library's names: its own `publish` leaves out the stream that refused, in which we
// look for our own success.
async function store(broker: Broker, options: AppendOptions, timeoutMs: number): Promise<Appended> {
  const { subject, data, id, expect } = options
  const headers: Record<string, string> = { ...options.headers }
  if (id !== undefined) headers[PubHeaders.MsgIdHdr] = id
  if (expect !== undefined) headers[PubHeaders.ExpectedLastSubjectSequenceHdr] = String(expect.seq)
  if (expect?.filter !== undefined) headers[PubHeaders.ExpectedLastSubjectSequenceSubjectHdr] = expect.filter
  const answer = await broker.request(subject, data, { timeoutMs, headers })
  const { error, stream, seq, duplicate } = JSON.parse(answer.text()) as PubAck & {
    readonly error?: ApiError
  }
  if (error !== undefined) throw apiErrorOf(error, { stream })
  return { stream, seq, duplicate: duplicate === true }
}

// After an attempt without an answer, a refused expectation may be that attempt's own success: then the
// subject's last message is what we sent, stored behind what we expected.
async function ownSuccess(
  broker: Broker,
  { subject, data, expect }: AppendOptions,
  attempt: number,
  error: AppError
): Promise<Appended | undefined> {
  const stream = error.facts['stream']
  if (attempt === 1 || error.code !== 'BRK_WRONG_SEQUENCE' || typeof stream !== 'string') return undefined
  const last = await lastMessage(broker, stream, subject)
  if (last === undefined || last.seq <= (expect?.seq ?? 0)) return undefined
  return Buffer.from(data).equals(last.data)
    ? { stream: last.stream, seq: last.seq, duplicate: true }
    : undefined
}
