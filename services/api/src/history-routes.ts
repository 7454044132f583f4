import { assertReadable } from '@meridian/auth'
import type { Broker } from '@meridian/broker'
import type { Catalogue } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { errorsOf, type HistoryQueryTexts, historyQuerySchema, historySchema } from '@meridian/protocol/http'
import type { Clock } from '@meridian/time'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { type HistoryContext, readHistory } from './history.ts'
import { findField } from './history-field.ts'
import { parseHistoryQuery } from './history-query.ts'
import type { ReadLimits } from './newest-first.ts'
import type { RecordReads } from './record-reads.ts'
import type { RightsOf } from './request-rights.ts'

/** Where history is read, and what one request may cost. */
export interface HistoryRoutesOptions {
  readonly broker: () => Broker
  readonly site: string
  readonly rightsOf: RightsOf
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly limits: ReadLimits
  readonly reads: RecordReads
  readonly onRead: (messages: number) => void
  readonly log: Logger
}

/** Adds `GET /api/history`; a wrong query, and what the catalogue rules out, is refused before anything is read. */
export function addHistoryRoutes(app: FastifyInstance, options: HistoryRoutesOptions): void {
  const { broker, site, rightsOf, clock, catalogue, limits, reads, onRead, log } = options
  app.get<{ Querystring: HistoryQueryTexts }>(
    '/api/history',
    {
      schema: {
        tags: ['history'],
        summary: 'Least and greatest value of one field per bucket, as far back as it is held',
        querystring: historyQuerySchema,
        response: { 200: historySchema, ...errorsOf(400, 403, 404, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      const query = parseHistoryQuery(request.query, site, clock)
      assertReadable(rightsOf(request), query.topic)
      const field = findField(catalogue, query)
      void reply.header('cache-control', 'no-store')
      const { topic, from, to } = query
      const onCut: HistoryContext['onCut'] = (what, err) =>
        log.info({ err, topic, from, to, what }, 'history was cut short')
      return reads.run(request, signal =>
        readHistory({ broker: broker(), catalogue, field, limits, signal, onRead, onCut }, query).catch(
          (err: unknown) => {
            const isPassing = err instanceof AppError && err.entry.canRetry
            if (isPassing && !signal.aborted) log.warn({ err, topic }, 'history failed')
            throw err
          }
        )
      )
    }
  )
}
