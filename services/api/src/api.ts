import { type Broker, connectBroker, type Micro, serveMicro } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { addHealthRoutes, createMetrics, type Readiness, type Service, VERSION } from '@meridian/service'
import type { Logger } from 'pino'
import type { ApiConfig } from './config.ts'
import { createDoor } from './door.ts'

/** Makes the HTTP door. `stop` answers what waits, ends the server, then closes the broker. */
export function createApi(config: ApiConfig, log: Logger): Service {
  const metrics = createMetrics('api')
  const stopping = new AbortController()
  let readiness: Readiness = { ready: false, why: 'starting' }
  let broker: Broker | undefined
  let micro: Micro | undefined

  const connected = (): Broker => {
    if (broker?.state() === 'connected') return broker
    throw new AppError('BRK_UNAVAILABLE')
  }
  const door = createDoor({ config, log, metrics, broker: connected, stopping: stopping.signal })
  addHealthRoutes(door, {
    readiness: () =>
      broker?.state() === 'disconnected' ? { ready: false, why: 'broker is away' } : readiness,
    metrics
  })

  return {
    async start() {
      const opened = await connectBroker({
        servers: config.NATS_URL,
        name: config.NAME || `api-${process.pid}`,
        log,
        inboxPrefix: '_INBOX_api'
      })
      broker = opened
      metrics.read('meridian_broker_connected', () => Number(opened.state() === 'connected'))
      metrics.read('meridian_broker_reconnects_total', () => opened.stats().reconnects)
      micro = serveMicro(opened, {
        name: 'api',
        version: VERSION,
        description: `HTTP door of ${config.SITE}`,
        metadata: { site: config.SITE }
      })
      const address = await door.listen({ host: config.HOST, port: config.PORT })
      readiness = { ready: true }
      log.info({ address }, 'http door listens')
    },
    async stop() {
      readiness = { ready: false, why: 'stopping' }
      stopping.abort()
      await door.close()
      await micro?.stop()
      await broker?.drain()
    }
  }
}
