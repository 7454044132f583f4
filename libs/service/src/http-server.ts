import type { AddressInfo } from 'node:net'
import { AppError } from '@meridian/errors'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { schemaCompilers } from './check-request.ts'
import { checkForwarded } from './forwarded.ts'
import { addHealthRoutes, type HealthOptions } from './health-routes.ts'
import { createHostCheck } from './host-check.ts'
import type { DoorContext, HttpDoor } from './http-door.ts'
import { tellStrangeProxies } from './strange-proxies.ts'

/** Address to listen on, the state behind the probes, and the door that shares the server. */
export interface HttpServerOptions {
  readonly host: string
  /** TCP port; 0 takes a free one. */
  readonly port: number
  readonly log: Logger
  /** Names of hosts that the door answers to besides its own, separated by commas. */
  readonly hosts: string
  /** Proxies whose X-Forwarded headers count: addresses, networks or `loopback`, separated by commas. */
  readonly trustedProxies: string
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

/**
 * Creates the server with the health routes, and the routes of the door where there is one. Throws
 * CFG_INVALID for proxies that are no addresses.
 */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { host, port, log, health, hosts, door, context } = options
  const app = createApp(options)
  checkForwarded(app, { log, metrics: health.metrics })
  tellStrangeProxies(app, log)
  addHealthRoutes(app, health)
  door?.addTo(app, context, createHostCheck({ names: hosts, listenOn: host }))
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

function createApp({ door, trustedProxies }: HttpServerOptions): FastifyInstance {
  const trustProxy = trustedProxies === '' ? false : trustedProxies
  try {
    // While it closes, requests reach the hooks and are refused there with a code, and probes are answered.
    return Fastify({
      ...door?.server,
      ...{ trustProxy, logger: false, return503OnClosing: false },
      schemaController: { compilersFactory: schemaCompilers }
    })
  } catch (cause) {
    throw new AppError('CFG_INVALID', { cause, detail: `TRUSTED_PROXIES: ${(cause as Error).message}` })
  }
}
