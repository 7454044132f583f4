import { type Broker, connectBroker } from '@meridian/broker'
import { createHealthServer, createMetrics, type Readiness, type Service } from '@meridian/service'
import { COMMANDER_INBOX } from '@meridian/subjects'
import type { Logger } from 'pino'
import type { CommanderConfig } from './config.ts'
import { type CommandDesk, openDesk } from './desk.ts'

/**
 * Makes a commander. It is ready once it knows the open commands of the last day and the last heartbeats. `stop` takes no more requests and
 * no more of the partitions, follows what it dispatched until its end or for most of DRAIN_MS, and leaves the rest to the other commanders.
 */
export function createCommander(config: CommanderConfig, log: Logger): Service {
  const metrics = createMetrics('commander')
  let readiness: Readiness = { ready: false, why: 'starting' }
  let broker: Broker | undefined
  let desk: CommandDesk | undefined
  const health = createHealthServer({
    readiness: () =>
      broker?.state() === 'disconnected' ? { ready: false, why: 'broker is away' } : readiness,
    metrics,
    host: config.HOST,
    port: config.PORT,
    log
  })
  return {
    async start() {
      const name = config.NAME || `commander-${process.pid}`
      const connected = await connectBroker({
        servers: config.NATS_URL,
        name,
        log,
        inboxPrefix: COMMANDER_INBOX
      })
      broker = connected
      metrics.read('meridian_broker_connected', () => Number(connected.state() === 'connected'))
      metrics.read('meridian_broker_reconnects_total', () => connected.stats().reconnects)
      desk = await openDesk({ config, log, metrics, broker: connected, name })
      await health.start()
      readiness = { ready: true }
    },
    async stop() {
      readiness = { ready: false, why: 'stopping' }
      await desk?.close()
      await health.stop()
      await broker?.drain()
    }
  }
}
