import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Metrics } from './metrics.ts'
import type { Readiness } from './readiness.ts'
import { VERSION } from './version.ts'

/** State of the service behind `/startupz`, `/readyz` and `/metrics`. */
export interface HealthOptions {
  readonly metrics: Metrics
  readonly readiness: () => Readiness
  /** Whether the service was ready to serve once. */
  readonly hasStarted: () => boolean
  /** Who may do what, as `/readyz` tells it; undefined: nothing is said of it. */
  readonly access: ServiceAccess | undefined
  /** Commit that the process was built from; empty: not known. */
  readonly revision: string
}

/** How a service knows who asks: in open mode nobody logs in, and everybody has one role. */
export interface ServiceAccess {
  /** How one logs in; open: nobody does. */
  readonly mode: 'open' | 'local' | 'oidc'
  /** In mode open, the role that everybody has. */
  readonly role?: string
}

/** Paths that every service answers itself: probes, metrics and version. No part may serve them. */
export const HEALTH_PATHS: ReadonlySet<string | undefined> = new Set([
  '/livez',
  '/startupz',
  '/readyz',
  '/metrics',
  '/version'
])

/** Whether a request is for a probe, the metrics or the version, which are answered in every state. */
export const isHealthRequest = ({ routeOptions }: FastifyRequest): boolean =>
  HEALTH_PATHS.has(routeOptions.url)

/**
 * Adds the probes and the metrics: `/livez` 200 as long as the event loop turns, `/startupz` 200 once all
 * parts have started and from then on, `/readyz` 200 while the service serves, with its mode of access where
 * it has one, `/metrics` for Prometheus, `/version` with the version of Meridian, the commit and the version of Node.
 * A failing probe answers 503 with the reason.
 */
export function addHealthRoutes(app: FastifyInstance, health: HealthOptions): void {
  const { metrics, readiness, hasStarted, access, revision } = health
  const tell = (path: string, answer: () => Readiness, more: object = {}): void => {
    app.get(path, { logLevel: 'warn' }, async (_request, reply) => {
      const state = answer()
      return reply.code(state.ready ? 200 : 503).send({ ...state, ...more })
    })
  }
  app.get('/livez', { logLevel: 'warn' }, async () => ({ live: true }))
  tell('/startupz', () => (hasStarted() ? { ready: true } : readiness()))
  tell('/readyz', readiness, access && { access })
  app.get('/metrics', { logLevel: 'warn' }, async (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(await metrics.text())
  )
  app.get('/version', { logLevel: 'warn' }, async () => ({
    version: VERSION,
    revision,
    node: process.version
  }))
}
