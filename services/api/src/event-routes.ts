import type { Broker } from '@meridian/broker'
import {
  EVENT_LIST_LIMITS,
  type EventsQueryTexts,
  errorsOf,
  eventsQuerySchema,
  eventsSchema
} from '@meridian/protocol/http'
import { parseWhole } from '@meridian/service'
import type { FastifyInstance } from 'fastify'
import { eventFiltersOf, readEventList } from './event-list.ts'
import type { ReadLimits } from './newest-first.ts'
import type { RecordReads } from './record-reads.ts'
import type { RightsOf } from './request-rights.ts'

/** Where lists of the record are read, and what one may cost. */
export interface RecordRoutesOptions {
  readonly site: string
  readonly rightsOf: RightsOf
  /** Throws BRK_UNAVAILABLE while the broker is away. */
  readonly broker: () => Broker
  readonly limits: ReadLimits
  readonly reads: RecordReads
}

const { most, usual } = EVENT_LIST_LIMITS

/** Adds `GET /api/events`; a wrong query is refused before anything is read. */
export function addEventRoutes(
  app: FastifyInstance,
  { broker, site, rightsOf, limits, reads }: RecordRoutesOptions
): void {
  app.get<{ Querystring: EventsQueryTexts }>(
    '/api/events',
    {
      schema: {
        tags: ['record'],
        summary: 'The last events under some patterns, newest first',
        querystring: eventsQuerySchema,
        response: { 200: eventsSchema, ...errorsOf(400, 403, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      const { pattern, limit } = request.query
      const query = {
        ...eventFiltersOf([pattern].flat() as readonly string[], { site, access: rightsOf(request) }),
        limit: parseWhole('limit', limit, { least: 1, most, usual })
      }
      void reply.header('cache-control', 'no-store')
      return reads.run(request, signal => readEventList({ broker: broker(), limits, signal }, query))
    }
  )
}
