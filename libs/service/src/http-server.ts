import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import type { Logger } from 'pino'
import { addHealthRoutes, type HealthOptions } from './health-routes.ts'
import type { DoorContext, HttpDoor } from './http-door.ts'

/** Where to listen, what the probes tell, and the door that shares the server. */
export interface HttpServerOptions {
  readonly host: string
  /** 0: any free one. */
  readonly port: number
  readonly log: Logger
  readonly health: HealthOptions
  readonly door: HttpDoor | undefined
  readonly context: DoorContext
}

/** The one HTTP server of a process. */
export interface HttpServer {
  /** Resolves when it listens: from then on the probes are answered. */
  start(): Promise<void>
  /** Closes it; may be called twice. */
  stop(): Promise<void>
  /** Such as `http://127.0.0.1:4123`. */
  address(): string
}

/** Makes the server with the health routes, and those of the door where there is one. */
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
