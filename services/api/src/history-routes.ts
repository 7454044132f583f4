import type { Broker } from '@meridian/broker'
import type { Catalogue } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createSemaphore } from '@meridian/fanout'
import { errorsOf, type HistoryQueryTexts, historyQuerySchema, historySchema } from '@meridian/protocol/http'
import type { Clock } from '@meridian/time'
import type { FastifyInstance } from 'fastify'
import { readHistory } from './history.ts'
import { parseHistoryQuery } from './history-query.ts'
import type { HistoryLimits } from './newest-first.ts'

/** Where history is read, what one request may cost, and how many run at a time. */
export interface HistoryRoutesOptions {
  readonly broker: () => Broker
  readonly site: string
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly limits: HistoryLimits
  readonly atATime: number
  readonly stopping: AbortSignal
  readonly onRead: (messages: number) => void
}

/** Requests that may wait for their turn; the next is answered 429. */
const MAX_WAITING = 32

/** Adds `GET /api/history`, which reads `atATime` histories at a time. */
export function addHistoryRoutes(app: FastifyInstance, options: HistoryRoutesOptions): void {
  const { site, clock, catalogue, limits, onRead } = options
  const reading = createSemaphore({
    atOnce: options.atATime,
    maxWaiting: MAX_WAITING,
    refusal: () => new AppError('API_BUSY', { retryAfterSeconds: 1 })
  })
  app.get<{ Querystring: HistoryQueryTexts }>(
    '/api/history',
    {
      schema: {
        tags: ['history'],
        summary: 'Least and greatest value of one field per bucket, as far back as it is held',
        querystring: historyQuerySchema,
        response: { 200: historySchema, ...errorsOf(400, 404, 429, 503, 504) }
      }
    },
    async (request, reply) => {
      const query = parseHistoryQuery(request.query, site, clock)
      const gone = new AbortController()
      request.raw.once('close', () => gone.abort())
      const signal = AbortSignal.any([gone.signal, options.stopping])
      void reply.header('cache-control', 'no-store')
      const context = { broker: options.broker(), catalogue, limits, signal, onRead }
      return reading.run(() => readHistory(context, query))
    }
  )
}
