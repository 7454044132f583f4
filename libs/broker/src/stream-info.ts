import { AppError } from '@meridian/errors'
import type { StreamInfo } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'
import type { HeldSubjects } from './follower-types.ts'
import type { AskOptions } from './jetstream.ts'
import { askJetStream } from './jetstream.ts'
import { SUBJECTS_TIMEOUT_MS } from './timing.ts'

/** How far a stream reaches and what it keeps. */
export interface StreamState {
  /** Name of this run of the log; a mirror has its origin's. */
  readonly epoch: string
  readonly firstSeq: number
  readonly lastSeq: number
  readonly messages: number
  /** Sequences from the first to the last one of which it holds nothing any more. */
  readonly holes: number
  readonly bytes: number
  /** Messages kept of one subject; Infinity: no such limit. */
  readonly maxPerSubject: number
  /** The time of the broker, UTC ms, by which its messages are stamped. */
  readonly brokerMs: number
}

/** How far a stream reaches and what it keeps, as its leader has it. Throws BRK_NO_STREAM. */
export async function streamState(broker: Broker, stream: string): Promise<StreamState> {
  const info = await streamInfo(broker, stream)
  const { first_seq: firstSeq, last_seq: lastSeq, messages, num_deleted: holes = 0, bytes } = info.state
  const numbers = { firstSeq, lastSeq, messages, holes, bytes, maxPerSubject: maxPerSubjectOf(info) }
  return { epoch: epochOf(info), ...numbers, brokerMs: brokerMsOf(info) }
}

/** One of the streams of a broker, whoever made it. */
export interface ListedStream {
  readonly name: string
  readonly subjects: readonly string[]
  readonly messages: number
}

/** All streams of the broker; none where it has no JetStream. */
export async function listStreams(broker: Broker): Promise<readonly ListedStream[]> {
  try {
    return await askJetStream(broker, async manager => {
      const found: ListedStream[] = []
      for await (const { config, state } of manager.streams.list())
        found.push({ name: config.name, subjects: config.subjects ?? [], messages: state.messages })
      return found
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'BRK_NO_RESPONDERS') return []
    throw error
  }
}

/** What the server says of a stream. Throws BRK_NO_STREAM. */
export const streamInfo = (broker: Broker, stream: string, options?: AskOptions): Promise<StreamInfo> =>
  askJetStream(broker, (manager, nameOf) => manager.streams.info(nameOf(stream)), options)

/**
 * The sequences from the first to the last one of which a stream holds nothing any more, in order. One answer
 * lists them all, so `holes` of `streamState` is looked at first. Throws BRK_NO_STREAM.
 */
export async function streamHoles(broker: Broker, stream: string): Promise<readonly number[]> {
  const { state } = await askJetStream(
    broker,
    (manager, nameOf) => manager.streams.info(nameOf(stream), { deleted_details: true }),
    { timeoutMs: SUBJECTS_TIMEOUT_MS }
  )
  return state.deleted ?? []
}

/** The subjects of which a stream holds a message; tens of thousands take a second. Throws BRK_NO_STREAM. */
export async function subjectsHeld(broker: Broker, stream: string): Promise<HeldSubjects> {
  const { state } = await askJetStream(
    broker,
    (manager, nameOf) => manager.streams.info(nameOf(stream), { subjects_filter: '>' }),
    { timeoutMs: SUBJECTS_TIMEOUT_MS }
  )
  return { subjects: new Set(Object.keys(state.subjects ?? {})), lastSeq: state.last_seq }
}

/**
 * The name of this run of a stream. It stands in the metadata, since a backup that is read back keeps the
 * time of creation. A mirror carries the epoch of its origin; one that was made by hand without it counts as
 * a log of its own, which is safe: readers begin anew.
 */
export const epochOf = ({ config, created }: Pick<StreamInfo, 'config' | 'created'>): string =>
  config.metadata?.['epoch'] ?? created

/** Messages that a stream keeps of one subject; Infinity: no such limit. */
export const maxPerSubjectOf = ({ config }: Pick<StreamInfo, 'config'>): number =>
  limitOf(config.max_msgs_per_subject)

/** The server's 0, -1 and absent all mean: no limit. */
export const limitOf = (value: number | undefined): number =>
  value === undefined || value <= 0 ? Number.POSITIVE_INFINITY : value

/** Microseconds since 1970 of a time as Go writes it, with up to nine decimals; 0 for anything else. */
export function microsecondsOf(time: string): number {
  const match = /^(.{19})(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(time)
  if (match === null) return 0
  const [, seconds = '', fraction = '', zone = 'Z'] = match
  return Date.parse(`${seconds}${zone}`) * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}

/** The time of the broker as it gave the information, UTC ms; that of this machine where the server does not tell. */
export const brokerMsOf = ({ ts }: Pick<StreamInfo, 'ts'>): number =>
  ts === undefined ? Date.now() : Date.parse(ts)
