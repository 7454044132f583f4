import {
  errorsOf,
  type SnapshotQueryTexts,
  snapshotQuerySchema,
  snapshotSchema
} from '@meridian/protocol/http'
import { endedBy, type Tracer } from '@meridian/service'
import type { Clock } from '@meridian/time'
import type { FastifyInstance } from 'fastify'
import type { RecordRoutesOptions } from './event-routes.ts'
import { readSnapshot } from './snapshot.ts'
import { parseSnapshotQuery } from './snapshot-query.ts'

/** What a snapshot needs besides what every list does. */
interface SnapshotRouteOptions extends RecordRoutesOptions {
  readonly clock: Clock
  readonly tracer: Tracer
}

/** Adds `GET /api/snapshot`; a wrong query is refused before anything is read, and has no span. */
export function addSnapshotRoute(
  app: FastifyInstance,
  { broker, site, rightsOf, limits, reads, clock, tracer }: SnapshotRouteOptions
): void {
  app.get<{ Querystring: SnapshotQueryTexts }>(
    '/api/snapshot',
    {
      schema: {
        tags: ['record'],
        summary: 'The last value of each topic under some patterns, now or at a past moment',
        querystring: snapshotQuerySchema,
        response: { 200: snapshotSchema, ...errorsOf(400, 403, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      const query = parseSnapshotQuery(request.query, { site, access: rightsOf(request), clock })
      void reply.header('cache-control', 'no-store')
      const attributes = { patterns: query.patterns.length, at: query.at }
      const span = tracer.start('snapshot', { kind: 'server', parent: request.headers, attributes })
      const read = reads.run(request, signal => readSnapshot({ broker: broker(), limits, signal }, query))
      return endedBy(span, read)
    }
  )
}
