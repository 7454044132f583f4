import Fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import type { Metrics } from './metrics.ts'
import type { Service } from './service.ts'

/** Ready, or the reason why not, as one sentence. */
export type Readiness = { readonly ready: true } | { readonly ready: false; readonly why: string }

/** What the health routes tell. */
export interface HealthOptions {
  readonly readiness: () => Readiness
  readonly metrics: Metrics
}

/** Adds `/livez` (the event loop turns), `/readyz` (200 or 503 with the reason) and `/metrics` to a server. */
export function addHealthRoutes(app: FastifyInstance, { readiness, metrics }: HealthOptions): void {
  app.get('/livez', { logLevel: 'warn' }, async () => ({ live: true }))
  app.get('/readyz', { logLevel: 'warn' }, async (_request, reply) => {
    const state = readiness()
    return reply.code(state.ready ? 200 : 503).send(state)
  })
  app.get('/metrics', { logLevel: 'warn' }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await metrics.text())
  )
}

/** A server of its own for a service that has no HTTP door. */
export function createHealthServer(
  options: HealthOptions & { host: string; port: number; log: Logger }
): Service {
  const app = Fastify({ logger: false })
  addHealthRoutes(app, options)
  return {
    async start() {
      const address = await app.listen({ host: options.host, port: options.port })
      options.log.info({ address }, 'health server listens')
    },
    async stop() {
      await app.close()
    }
  }
}
