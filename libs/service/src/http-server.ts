import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { Logger } from 'pino'
import { addHealthRoutes, type HealthOptions } from './health-routes.ts'
import type { DoorContext, HttpDoor } from './http-door.ts'

/** Address to listen on, the state behind the probes, and the door that shares the server. */
export interface HttpServerOptions {
  readonly host: string
  /** TCP port; 0 takes a free one. */
  readonly port: number
  readonly log: Logger
  readonly health: HealthOptions
  readonly door: HttpDoor | undefined
  readonly context: DoorContext
}

/** The one HTTP server of a process. */
export interface HttpServer {
  /** Resolves when the server listens; from then on the probes are answered. */
  start(): Promise<void>
  /** Closes the server; may be called twice. */
  stop(): Promise<void>
  /** Base URL, such as `http://127.0.0.1:4123`; empty before it listens. */
  address(): string
}

/** Creates the server with the health routes, and the routes of the door where there is one. */
export function createHttpServer({ host, port, log, health, door, context }: HttpServerOptions): HttpServer {
  // While it closes, requests reach the hooks and are refused there with a code, and probes are answered.
  const app = Fastify({ ...door?.server, logger: false, return503OnClosing: false })
  addHealthRoutes(app, health)
  door?.addTo(app, context)
  return {
    async start() {
      const address = await app.listen({ host, port })
      log.info({ address }, 'http server listens')
    },
    async stop() {
      await app.close()
    },
    address: () => `http://${host}:${(app.server.address() as AddressInfo).port}`
  }
}
