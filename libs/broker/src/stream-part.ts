import { AppError } from '@meridian/errors'
import { matches, mergeFilters, splitPattern } from '@meridian/subjects'
import { type ConsumerConfig, type ConsumerInfo, DeliverPolicy } from '@nats-io/jetstream'
import { ulid } from 'ulid'
import { askPatiently } from './ask-patiently.ts'
import { createBoundedReader, type ReadPosition } from './bounded-reader.ts'
import type { Broker } from './broker.ts'
import { addReadConsumer, removeConsumer } from './consumer.ts'
import { whyAnotherLog } from './log-identity.ts'
import { holdsNothing } from './read-message.ts'
import { epochOf, streamInfo } from './stream-info.ts'
import type { StreamMessage } from './stream-message.ts'
import { READER_INACTIVE_MS } from './timing.ts'

/** Where a part of a stream begins, and on which subjects. */
export interface PartOptions {
  readonly stream: string
  /** NATS filters, which may overlap; empty: all of the stream. */
  readonly subjects: readonly string[]
  /** A sequence, a time, or the last value of each subject followed by what is stored after that. */
  readonly from: { readonly seq: number } | { readonly timeUs: number } | 'last-values'
  /** Messages come without their data, where only subjects and sequences are wanted; default: with it. */
  readonly isWithoutData?: boolean
}

/** Where reading ends: at whichever bound comes first. */
export interface PartBounds {
  readonly toSeq: number
  readonly maxMessages: number
  readonly maxBytes: number
  /** For all of it, from the first message wanted on. */
  readonly timeoutMs: number
  /** Ends the reading early, as a bound does. */
  readonly signal?: AbortSignal
}

/** A part of a stream, counted before anything of it is read. It has a consumer of its own. */
export interface StreamPart {
  /** Nothing of the part is stored before this sequence. A start in time is cut to ms. */
  readonly fromSeq: number
  /**
   * How many messages the part had when it was opened, up to the stream's end; some more where filters
   * overlapped in part.
   */
  readonly messages: number
  /** In order, once; the part is closed when reading ends or is left. Throws as `readStream`. */
  read(bounds: PartBounds): AsyncIterable<StreamMessage>
  /** For a part that is not read after all. */
  close(): void
}

/**
 * Opens a part of a stream. Throws BRK_NO_STREAM and the broker's errors. The server refuses a consumer whose
 * filters overlap: they are merged, and what the merged ones select besides is left out here.
 */
export async function openPart(broker: Broker, options: PartOptions): Promise<StreamPart> {
  const { stream, subjects, from, isWithoutData = false } = options
  const filters = mergeFilters(subjects)
  const isWanted = selectorOf(subjects, filters)
  const start = { stream, from, filters, isWithoutData }
  let { name: consumer, num_pending: messages, delivered } = await createConsumer(broker, start)
  const fromSeq = delivered.stream_seq + 1
  const close = (): void => void removeConsumer(broker, stream, consumer)
  return {
    fromSeq,
    messages,
    close,
    async *read(bounds) {
      if (messages === 0) return close()
      const patience = { ...bounds, untilMs: performance.now() + bounds.timeoutMs }
      const reader = createBoundedReader(broker, {
        ...{ ...bounds, stream, consumer, fromUs: fromUsOf(from) },
        isEnd: async after =>
          (await isEnd(broker, start, { fromSeq: Math.max(fromSeq, after.seq + 1), toSeq: bounds.toSeq })) &&
          (await whyMadeAnew(broker, stream, after)) === undefined,
        async renew(after) {
          close()
          consumer = await askPatiently(broker, () => continueBehind(broker, start, after), patience)
          return consumer
        }
      })
      try {
        for (let some = await reader.next(); some.length > 0; some = await reader.next())
          yield* isWanted === undefined ? some : some.filter(isWanted)
      } finally {
        reader.stop()
        close()
      }
    }
  }
}

const fromUsOf = (from: PartOptions['from']): number =>
  typeof from === 'object' && 'timeUs' in from ? from.timeUs : 0

/** Whether none of the filters has a message of these sequences any more, as the stream's leader has it. */
async function isEnd(
  broker: Broker,
  { stream, filters }: ConsumerStart,
  { fromSeq, toSeq }: { readonly fromSeq: number; readonly toSeq: number }
): Promise<boolean> {
  for (const subject of filters.length === 0 ? ['>'] : filters)
    if (!(await holdsNothing(broker, stream, { subject, fromSeq, toSeq }))) return false
  return true
}

/**
 * The name of a new consumer that delivers what follows a position; last values begin anew, what was read of
 * them comes again. Throws BRK_NO_STREAM where the stream is no longer the log that was read.
 */
async function continueBehind(broker: Broker, start: ConsumerStart, after: ReadPosition): Promise<string> {
  const { stream } = start
  const why = await whyMadeAnew(broker, stream, after)
  if (why !== undefined)
    throw new AppError('BRK_NO_STREAM', { detail: `'${stream}' was made anew while it was read: ${why}` })
  const isAnew = after.seq === 0 || start.from === 'last-values'
  const { name } = await createConsumer(broker, isAnew ? start : { ...start, from: { seq: after.seq + 1 } })
  return name
}

/** Why a stream is no longer the log that was read up to a position; undefined when it is, or nothing was read. */
async function whyMadeAnew(broker: Broker, stream: string, after: ReadPosition): Promise<string | undefined> {
  const info = await streamInfo(broker, stream)
  const position = { ...after, epoch: epochOf(info), mayPass: true }
  return after.seq === 0 ? undefined : whyAnotherLog(broker, stream, info, position)
}

/** What selects the wanted of what the merged filters give; undefined: all of it is wanted. */
function selectorOf(
  subjects: readonly string[],
  filters: readonly string[]
): ((message: StreamMessage) => boolean) | undefined {
  if (filters.every(filter => subjects.includes(filter))) return undefined
  const wanted = subjects.map(text => ({ ...splitPattern(text), keyed: false }))
  return ({ subject }) => wanted.some(pattern => matches(pattern, subject))
}

interface ConsumerStart extends Pick<PartOptions, 'stream' | 'from'> {
  readonly filters: readonly string[]
  readonly isWithoutData: boolean
}

const createConsumer = (
  broker: Broker,
  { stream, filters, from, isWithoutData }: ConsumerStart
): Promise<ConsumerInfo> =>
  addReadConsumer(broker, {
    stream,
    name: `rd_${ulid().slice(-16).toLowerCase()}`,
    inactiveMs: READER_INACTIVE_MS,
    from: { ...startOf(from), ...filterOf(filters, from), ...(isWithoutData && { headers_only: true }) }
  })

function filterOf(filters: readonly string[], from: PartOptions['from']): Partial<ConsumerConfig> {
  if (filters.length > 1) return { filter_subjects: [...filters] }
  const [single = from === 'last-values' ? '>' : undefined] = filters
  return single === undefined ? {} : { filter_subject: single }
}

function startOf(from: PartOptions['from']): Partial<ConsumerConfig> {
  if (from === 'last-values') return { deliver_policy: DeliverPolicy.LastPerSubject }
  if ('seq' in from)
    return { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: Math.max(1, from.seq) }
  const time = new Date(Math.floor(from.timeUs / 1000)).toISOString()
  return { deliver_policy: DeliverPolicy.StartTime, opt_start_time: time }
}
