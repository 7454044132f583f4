import { type Broker, nextMessage, openPart, type StreamMessage } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { emptyEnvelope, readEnvelope } from '@meridian/sample'
import { CLOCK_TOLERANCE_SECONDS, utcMsOf } from '@meridian/time'
import type { HistoryQuery } from './history-query.ts'
import type { StoredRange } from './newest-first.ts'
import { receivedOf } from './received-of.ts'

/** After the end of a window a later and later message is looked at, first after so many seconds. */
const FIRST_STEP_SECONDS = 60

/**
 * The messages of a topic that may belong into a window. What is shown at an instant was received within ten
 * seconds of it, and stored then or later: a producer keeps samples while the broker is away. So the range
 * ends before the first message that was received after the window, whenever it was stored.
 */
export async function findStoredRange(
  broker: Broker,
  { topic, from, to }: HistoryQuery,
  { stream, epoch, last }: { readonly stream: string; readonly epoch: string; readonly last: StreamMessage }
): Promise<StoredRange> {
  const fromUs = microsecondsOf(from - CLOCK_TOLERANCE_SECONDS)
  const range = { stream, epoch, subjects: [topic], fromUs, messageBytes: last.data.length }
  const after = await findFirstAfter(broker, { stream, topic, last }, to + CLOCK_TOLERANCE_SECONDS)
  if (after === undefined) return { ...range, toSeq: last.seq, hasNewer: false }
  return { ...range, toSeq: after.seq - 1, hasNewer: true }
}

interface Place {
  readonly stream: string
  readonly topic: string
  readonly last: StreamMessage
}

/** A message after which all were received after `taiSeconds`; undefined where the last one was not. */
async function findFirstAfter(
  broker: Broker,
  { stream, topic, last }: Place,
  taiSeconds: number
): Promise<StreamMessage | undefined> {
  for (let step = 0; ; step = step === 0 ? FIRST_STEP_SECONDS : 2 * step) {
    const timeUs = microsecondsOf(taiSeconds + step)
    if (last.timeUs <= timeUs) return undefined
    const part = await openPart(broker, { stream, subjects: [topic], from: { timeUs } })
    part.close()
    const message = await nextMessage(broker, stream, { subject: topic, fromSeq: part.fromSeq })
    if (message === undefined) return undefined
    if (receivedBy(message) > taiSeconds) return message
  }
}

function receivedBy(message: StreamMessage): number {
  try {
    return receivedOf(message, readEnvelope(message.data, emptyEnvelope()).rcvStamp)
  } catch (caught) {
    if (caught instanceof AppError) return receivedOf(message, 0)
    throw caught
  }
}

/** UTC microseconds of TAI seconds, as the stream counts; never before 1970. */
const microsecondsOf = (taiSeconds: number): number => Math.max(0, Math.floor(utcMsOf(taiSeconds) * 1000))
