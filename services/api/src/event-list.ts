import { type PrincipalRights, readableParts } from '@meridian/auth'
import { askPatiently, type Broker, firstMessage, type StreamMessage, streamState } from '@meridian/broker'
import { AppError, type Facts } from '@meridian/errors'
import { decodeFields } from '@meridian/msgpack'
import type { EventsAnswer, RecordedEvent } from '@meridian/protocol/http'
import { decodeSample } from '@meridian/sample'
import { cameAs } from '@meridian/service'
import { filtersOf, type Pattern, parsePattern, type StreamName, streamsUnder } from '@meridian/subjects'
import { patienceOf, type ReadLimits, readNewestFirst } from './newest-first.ts'
import { receivedOf } from './received-of.ts'

/** Which events are wanted: all under some patterns, from one stream, and how many at most. */
export interface EventListQuery {
  readonly stream: StreamName
  /** NATS filters. */
  readonly subjects: readonly string[]
  readonly limit: number
}

/** Where a list is read and what it may cost. */
export interface RecordReading {
  readonly broker: Broker
  readonly limits: ReadLimits
  /** Ends the reading early: the list lacks its oldest part. */
  readonly signal: AbortSignal
}

/** Size of an event, to begin with. */
const EVENT_BYTES = 300
const STREAMS: readonly StreamName[] = ['EVT', 'SCRIPT']

/**
 * The stream of the patterns that somebody sent, and filters of what he may read of them. Throws WIR_BAD_PATTERN,
 * API_BAD_TOPIC where they are not all of one stream of events, or of another site, and AUT_NOT_READABLE; each names
 * what was sent.
 */
export function eventFiltersOf(
  patterns: readonly string[],
  { site, access }: { readonly site: string; readonly access: PrincipalRights }
): Pick<EventListQuery, 'stream' | 'subjects'> {
  const parsed = parsePatternsOf(patterns, site, 'pattern')
  const [stream, ...others] = new Set(parsed.map(eventStreamOf))
  if (stream === undefined || others.length > 0)
    throw badPattern('pattern', patterns.join(' '), 'patterns of components or of scripts, not of both')
  const readable = patterns.flatMap(pattern => readableParts(access, pattern))
  return { stream, subjects: readable.map(parsePattern).flatMap(filtersOf) }
}

function eventStreamOf(pattern: Pattern): StreamName {
  const [stream, ...others] = streamsUnder(pattern)
  if (stream !== undefined && others.length === 0 && STREAMS.includes(stream)) return stream
  throw badPattern('pattern', pattern.text, "a pattern that begins with 'evt.' or 'script.'")
}

/** Patterns that somebody sent as a parameter. Throws WIR_BAD_PATTERN, and API_BAD_TOPIC for another site. */
export function parsePatternsOf(patterns: readonly string[], site: string, name: string): readonly Pattern[] {
  const parsed = patterns.map(parsePattern)
  for (const { tokens, text } of parsed)
    if (![undefined, '*', site].includes(tokens[1]))
      throw badPattern(name, text, `a pattern of site '${site}'`, { site })
  return parsed
}

/** API_BAD_TOPIC in one sentence that names the parameter. */
export const badPattern = (name: string, text: string, expected: string, facts: Facts = {}): AppError =>
  new AppError('API_BAD_TOPIC', { detail: `'${name}' ${cameAs(text)}; expected: ${expected}`, ...facts })

/**
 * Reads the last events under some patterns, newest first. What is no event is left out. Throws the broker's
 * errors.
 */
export async function readEventList(
  { broker, limits, signal }: RecordReading,
  { stream, subjects, limit }: EventListQuery
): Promise<EventsAnswer> {
  const patience = patienceOf(limits, signal)
  const [{ epoch, lastSeq: toSeq }, held] = await askPatiently(
    broker,
    () => Promise.all([streamState(broker, stream), oldestOf(broker, stream, subjects)]),
    patience
  )
  const events: RecordedEvent[] = []
  let window: StreamMessage[] = []
  const end = await readNewestFirst(
    {
      ...{ broker, limits, patience, firstWindow: limit + 1 },
      onMessage: message => window.push(message),
      onWindow() {
        for (const message of window.reverse()) pushEvent(events, message)
        window = []
      },
      isEnough: () => events.length > limit
    },
    { stream, epoch, subjects, fromUs: 0, toSeq, hasNewer: false, messageBytes: EVENT_BYTES }
  )
  return {
    complete: end === 'all' && events.length <= limit,
    heldFrom: held === undefined ? null : (readEvent(held)?.received ?? receivedOf(held, 0)),
    events: events.slice(0, limit)
  }
}

async function oldestOf(
  broker: Broker,
  stream: string,
  subjects: readonly string[]
): Promise<StreamMessage | undefined> {
  const oldest = await Promise.all(subjects.map(subject => firstMessage(broker, stream, subject)))
  return oldest.filter(message => message !== undefined).sort((a, b) => a.seq - b.seq)[0]
}

function pushEvent(events: RecordedEvent[], message: StreamMessage): void {
  const event = readEvent(message)
  if (event !== undefined) events.push(event)
}

/** Undefined for a message that is no sample: any client of the broker may have written it. */
export function readEvent(message: StreamMessage): RecordedEvent | undefined {
  try {
    const { sndStamp, rcvStamp, fields } = decodeSample(message.data)
    return {
      subject: message.subject,
      time: sndStamp,
      received: receivedOf(message, rcvStamp),
      fields: decodeFields(fields)
    }
  } catch (caught) {
    if (caught instanceof AppError) return undefined
    throw caught
  }
}
