import { matches, mergeFilters, splitPattern } from '@meridian/subjects'
import { type ConsumerConfig, type ConsumerInfo, DeliverPolicy } from '@nats-io/jetstream'
import { ulid } from 'ulid'
import { createBoundedReader } from './bounded-reader.ts'
import type { Broker } from './broker.ts'
import { addReadConsumer, removeConsumer } from './consumer.ts'
import type { StreamMessage } from './stream-message.ts'
import { READER_INACTIVE_MS } from './timing.ts'

/** Where a part of a stream begins, and on which subjects. */
export interface PartOptions {
  readonly stream: string
  /** NATS filters, which may overlap; empty: all of the stream. */
  readonly subjects: readonly string[]
  /** A sequence, a time, or the last value of each subject followed by what is stored after that. */
  readonly from: { readonly seq: number } | { readonly timeUs: number } | 'last-values'
}

/** Where reading ends: at whichever bound comes first. */
export interface PartBounds {
  readonly toSeq: number
  readonly maxMessages: number
  readonly maxBytes: number
  /** For all of it, from the first message wanted on. */
  readonly timeoutMs: number
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
  const { stream, subjects, from } = options
  const filters = mergeFilters(subjects)
  const isWanted = selectorOf(subjects, filters)
  const { name, num_pending: messages, delivered } = await createConsumer(broker, { stream, from, filters })
  const close = (): void => void removeConsumer(broker, stream, name)
  const fromUs = typeof from === 'object' && 'timeUs' in from ? from.timeUs : 0
  return {
    fromSeq: delivered.stream_seq + 1,
    messages,
    close,
    async *read(bounds) {
      if (messages === 0) return close()
      const reader = createBoundedReader(broker, { ...bounds, stream, consumer: name, fromUs })
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
}

const createConsumer = (broker: Broker, { stream, filters, from }: ConsumerStart): Promise<ConsumerInfo> =>
  addReadConsumer(broker, {
    stream,
    name: `rd_${ulid().slice(-16).toLowerCase()}`,
    inactiveMs: READER_INACTIVE_MS,
    from: { ...startOf(from), ...filterOf(filters, from) }
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
