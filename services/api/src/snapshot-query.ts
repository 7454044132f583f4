import { type PrincipalRights, readableParts } from '@meridian/auth'
import { SNAPSHOT_LIMITS, type SnapshotQueryTexts } from '@meridian/protocol/http'
import { readListParameter } from '@meridian/service'
import { filtersOf, type Pattern, parsePattern, type StreamName, streamsUnder } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import { badPattern, parsePatternsOf } from './event-list.ts'
import { instantOf } from './instant.ts'

/** A pattern of a snapshot in one stream. */
export interface SnapshotPattern {
  readonly stream: StreamName
  /** NATS filters: the pattern, and its keyed children where it names a topic. */
  readonly filters: readonly string[]
  /** The topic that it names in full; undefined: it has wildcards. */
  readonly named: string | undefined
}

/** A request for a snapshot after parsing. */
export interface SnapshotQuery {
  readonly patterns: readonly SnapshotPattern[]
  /** TAI seconds; never later than now. */
  readonly at: number
  /** No moment of the past was named: whatever is stored counts, by whatever clock. */
  readonly isNow: boolean
}

/** Streams whose messages are samples. */
const STREAMS: readonly StreamName[] = ['TEL', 'EVT', 'SCRIPT']

/** Where and by whom something is asked, and the clock that says what is past. */
interface SnapshotAsker {
  readonly site: string
  readonly access: PrincipalRights
  readonly clock: Clock
}

/** Parses a query. Throws NET_BAD_REQUEST, WIR_BAD_PATTERN, AUT_NOT_READABLE, API_BAD_TOPIC, API_BAD_RANGE. */
export function parseSnapshotQuery(
  texts: SnapshotQueryTexts,
  { site, access, clock }: SnapshotAsker
): SnapshotQuery {
  const asked = readListParameter('topics', texts.topics, SNAPSHOT_LIMITS.patterns)
  for (const pattern of parsePatternsOf(asked, site, 'topics')) assertSamples(pattern)
  const readable = asked.flatMap(pattern => readableParts(access, pattern))
  const now = clock.taiSeconds()
  const at = texts.at === undefined ? now : instantOf('at', texts.at)
  return {
    patterns: readable.map(parsePattern).flatMap(inStreams),
    at: Math.min(now, at),
    isNow: at >= now
  }
}

/** Of a pattern as it was asked for: what a role makes of it is nothing that the client knows. */
function assertSamples(pattern: Pattern): void {
  const streams = streamsUnder(pattern)
  if (streams.length > 0 && streams.every(stream => STREAMS.includes(stream))) return
  throw badPattern('topics', pattern.text, "patterns that begin with 'tel.', 'hb.', 'evt.' or 'script.'")
}

function inStreams(pattern: Pattern): SnapshotPattern[] {
  const named = pattern.tokens.some(token => token === '*' || token === '>') ? undefined : pattern.text
  return streamsUnder(pattern).map(stream => ({ stream, filters: filtersOf(pattern), named }))
}
