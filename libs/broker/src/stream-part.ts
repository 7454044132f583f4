import { ulid } from 'ulid'
import { createBoundedReader } from './bounded-reader.ts'
import type { Broker } from './broker.ts'
import { askJetStream } from './jetstream-api.ts'
import type { ConsumerInfo } from './jetstream-types.ts'
import type { StreamMessage } from './stream-message.ts'

/** Where a part of a stream begins, and on which subjects. */
export interface PartOptions {
  readonly stream: string
  /** Patterns; empty: all. */
  readonly subjects: readonly string[]
  readonly from: { readonly seq: number } | { readonly timeUs: number }
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
  /** How many messages the part had when it was opened, up to the stream's end. */
  readonly messages: number
  /** In order, once; the part is closed when reading ends or is left. Throws as `readStream`. */
  read(bounds: PartBounds): AsyncIterable<StreamMessage>
  /** For a part that is not read after all. */
  close(): void
}

const NANOSECONDS = 1_000_000
const INACTIVE_MS = 10_000

/** Opens a part of a stream. Throws BRK_NO_STREAM and the broker's errors. */
export async function openPart(broker: Broker, options: PartOptions): Promise<StreamPart> {
  const { stream, from } = options
  const { name, num_pending: messages, delivered } = await createConsumer(broker, options)
  const close = (): void => void deleteConsumer(broker, stream, name)
  const fromUs = 'timeUs' in from ? from.timeUs : 0
  return {
    fromSeq: delivered.stream_seq + 1,
    messages,
    close,
    async *read(bounds) {
      if (messages === 0) return close()
      const reader = createBoundedReader(broker, { ...bounds, stream, consumer: name, fromUs })
      try {
        for (let some = await reader.next(); some.length > 0; some = await reader.next()) yield* some
      } finally {
        reader.stop()
        close()
      }
    }
  }
}

function createConsumer(broker: Broker, { stream, subjects, from }: PartOptions): Promise<ConsumerInfo> {
  const name = `rd_${ulid().slice(-16).toLowerCase()}`
  const [single] = subjects
  const filter = subjects.length === 1 ? { filter_subject: single } : { filter_subjects: subjects }
  const config = {
    name,
    ack_policy: 'none',
    mem_storage: true,
    num_replicas: 1,
    inactive_threshold: INACTIVE_MS * NANOSECONDS,
    ...(subjects.length === 0 ? {} : filter),
    ...('seq' in from
      ? { deliver_policy: 'by_start_sequence', opt_start_seq: Math.max(1, from.seq) }
      : {
          deliver_policy: 'by_start_time',
          opt_start_time: new Date(Math.floor(from.timeUs / 1000)).toISOString()
        })
  }
  const suffix = subjects.length === 1 ? `.${single}` : ''
  return askJetStream(broker, `CONSUMER.CREATE.${stream}.${name}${suffix}`, { stream_name: stream, config })
}

async function deleteConsumer(broker: Broker, stream: string, name: string): Promise<void> {
  await askJetStream(broker, `CONSUMER.DELETE.${stream}.${name}`, undefined).catch(() => {})
}
