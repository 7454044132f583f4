import type { LiveEventsQueryTexts } from '@meridian/protocol/http'
import { type Cursor, decodeCursor, type PatternRequest, parsePatterns } from '@meridian/protocol/live'

/** What somebody wants of `/live/events`. */
export interface EventQuery {
  readonly patterns: readonly PatternRequest[]
  /** Where to go on; undefined: from now on, behind the last values. */
  readonly cursor: Cursor | undefined
}

/**
 * Reads a query and the id of the last event that the client had: a browser that reconnects sends it beside the old
 * query, so it goes before a cursor there. Throws NET_BAD_REQUEST, GTW_BAD_CURSOR.
 */
export function parseEventQuery(
  { topics, quality, rate, fields, cursor }: LiveEventsQueryTexts,
  lastEventId: string | undefined
): EventQuery {
  const shared = {
    ...(quality === undefined ? {} : { quality }),
    ...(rate === undefined ? {} : { rate: rate === '' ? rate : Number(rate) }),
    ...(fields === undefined ? {} : { fields: itemsOf(fields) })
  }
  const patterns = itemsOf(topics).map(pattern => ({ pattern, ...shared }))
  const token = lastEventId || cursor
  return {
    patterns: parsePatterns(patterns, 'NET_BAD_REQUEST'),
    cursor: token === undefined ? undefined : decodeCursor(token)
  }
}

const itemsOf = (list: string | readonly string[]): readonly string[] =>
  [list].flat().flatMap(text => text.split(','))
