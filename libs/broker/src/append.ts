import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import { createBackoff } from './backoff.ts'
import type { Broker } from './broker.ts'
import { API_ERROR, isApiError, parseAnswer } from './jetstream-api.ts'
import type { PublishAck } from './jetstream-types.ts'
import { lastMessage } from './read-stream.ts'

/** One message to be stored, with what must hold. */
export interface AppendOptions {
  readonly subject: string
  readonly data: Uint8Array | string
  /** Becomes `Nats-Msg-Id`. */
  readonly id?: string
  /** The last sequence on the subject, or on any subject that matches `filter`, must be `seq`; 0: there must be none. */
  readonly expect?: { readonly seq: number; readonly filter?: string }
  /** Over all attempts; default 5 s. */
  readonly timeoutMs?: number
}

/** Where it was stored. */
export interface Appended {
  readonly stream: string
  readonly seq: number
  /** The stream had it already. */
  readonly duplicate: boolean
}

const TIMEOUT_MS = 5_000
const ATTEMPT_MS = 1_500
const HTTP_UNAVAILABLE = 503

/**
 * Stores one message and resolves when the stream has it. Tries again while the broker is away or elects. Throws BRK_WRONG_SEQUENCE when
 * somebody else was first, BRK_STREAM_FULL, BRK_NO_RESPONDERS when no stream takes the subject, BRK_TIMEOUT, BRK_NOT_PERMITTED or BRK_REFUSED.
 * After BRK_TIMEOUT the message may or may not be stored.
 */
export async function append(broker: Broker, options: AppendOptions): Promise<Appended> {
  const until = performance.now() + (options.timeoutMs ?? TIMEOUT_MS)
  const backoff = createBackoff()
  for (let attempt = 1; ; attempt++) {
    try {
      return await store(broker, options, Math.max(1, Math.min(ATTEMPT_MS, until - performance.now())))
    } catch (caught) {
      const error = await judge(broker, options, attempt, AppError.from(caught))
      if (!(error instanceof AppError)) return error
      const waitMs = backoff.nextMs()
      if (!canTryAgain(error) || performance.now() + waitMs >= until) throw error
      await sleep(waitMs)
    }
  }
}

async function store(
  broker: Broker,
  { subject, data, id, expect }: AppendOptions,
  timeoutMs: number
): Promise<Appended> {
  const headers: Record<string, string> = {}
  if (id !== undefined) headers['Nats-Msg-Id'] = id
  if (expect !== undefined) headers['Nats-Expected-Last-Subject-Sequence'] = String(expect.seq)
  if (expect?.filter !== undefined) headers['Nats-Expected-Last-Subject-Sequence-Subject'] = expect.filter
  const { stream, seq, duplicate } = parseAnswer<PublishAck>(
    await broker.request(subject, data, { timeoutMs, headers })
  )
  return { stream, seq, duplicate: duplicate === true }
}

// A refused expectation after an attempt without an answer may be that attempt's own success: then the subject's last message is ours.
async function judge(
  broker: Broker,
  options: AppendOptions,
  attempt: number,
  error: AppError
): Promise<Appended | AppError> {
  if (error.code === 'BRK_WRONG_SEQUENCE' && attempt > 1)
    return (await ownSuccess(broker, options, error.facts['stream'])) ?? error
  if (error.code !== 'BRK_REFUSED') return error
  const isFull = /maximum (bytes|messages)|insufficient/.test(String(error.facts['reason']))
  return isFull ? new AppError('BRK_STREAM_FULL', { cause: error, subject: options.subject }) : error
}

async function ownSuccess(
  broker: Broker,
  { subject, data, expect }: AppendOptions,
  stream: unknown
): Promise<Appended | undefined> {
  const last = typeof stream === 'string' ? await lastMessage(broker, stream, subject) : undefined
  if (last === undefined || last.seq <= (expect?.seq ?? 0)) return undefined
  return Buffer.from(data).equals(last.data)
    ? { stream: last.stream, seq: last.seq, duplicate: true }
    : undefined
}

const canTryAgain = (error: AppError): boolean =>
  error.code === 'BRK_TIMEOUT' ||
  error.code === 'BRK_NO_RESPONDERS' ||
  error.code === 'BRK_UNAVAILABLE' ||
  error.facts['apiCode'] === HTTP_UNAVAILABLE ||
  isApiError(error, API_ERROR.beingStored)
