import { LIVE_EVENTS_LIMITS, type LiveEventsQueryTexts } from '@meridian/protocol/http'
import { type Cursor, decodeCursor, type PatternRequest, type Rate } from '@meridian/protocol/live'
import { readListParameter } from '@meridian/service'

/** What somebody wants of `/live/events`. */
export interface EventQuery {
  readonly patterns: readonly PatternRequest[]
  /** Where to go on; undefined: from now on, behind the last values. */
  readonly cursor: Cursor | undefined
}

/**
 * Reads a query and the id of the last event that the client had: a browser that reconnects sends it beside the old
 * query, so it goes before a cursor there. Throws NET_BAD_REQUEST, which names the parameter, and GTW_BAD_CURSOR.
 */
export function parseEventQuery(query: LiveEventsQueryTexts, lastEventId: string | undefined): EventQuery {
  const shared = readShared(query)
  const patterns = readListParameter('topics', query.topics, LIVE_EVENTS_LIMITS.topics)
  const token = lastEventId || query.cursor
  return {
    patterns: patterns.map(pattern => ({ pattern, ...shared })),
    cursor: token === undefined ? undefined : decodeCursor(token)
  }
}

/** What is said once, for all patterns. */
function readShared({ quality, rate, fields }: LiveEventsQueryTexts): Omit<PatternRequest, 'pattern'> {
  return {
    ...(quality !== undefined && { quality }),
    // The schema of the query lets no other texts through.
    ...(rate !== undefined && { rate: Number(rate) as Rate }),
    ...(fields !== undefined && { fields: readListParameter('fields', fields, LIVE_EVENTS_LIMITS.fields) })
  }
}
