import type { Metrics } from '@meridian/service'
import type { FastifyInstance } from 'fastify'

/** Takes the time of every answer, by route and status. */
export function measureRequests(app: FastifyInstance, metrics: Metrics): void {
  const seconds = metrics.histogram('meridian_api_request_seconds')
  app.addHook('onResponse', async (request, reply) => {
    const route = request.routeOptions.url ?? 'none'
    seconds.observe({ route, status: reply.statusCode }, reply.elapsedTime / 1000)
  })
}
