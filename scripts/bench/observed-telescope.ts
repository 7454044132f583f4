import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Broker } from '@meridian/broker'
import { patternOf } from '@meridian/subjects'
import { type GatewayWorld, startGatewayWorld } from './gateway-world.ts'
import { type ServiceProcess, startService } from './service-process.ts'

/** Components whose topics are watched: the mirror's, with the largest samples, and the mount's. */
const COMPONENTS = ['MTM1M3', 'MTMount']
const RATE_HZ = 10

/** A gateway with the real values of two simulated components. */
export interface ObservedTelescope extends GatewayWorld {
  /** Both components complete, ten times a second. */
  readonly patterns: readonly object[]
  /**
   * Counts from now on; the function that it gives says how many messages one client with these patterns has
   * been due since.
   */
  watch(seconds: number): () => number
}

/** Starts broker, gateway, simulator and producer for the two components alone. */
export async function startObservedTelescope(): Promise<ObservedTelescope> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-bench-'))
  const file = join(folder, 'site.yaml')
  writeFileSync(
    file,
    JSON.stringify({
      name: 'summit',
      instances: Object.fromEntries(COMPONENTS.map(name => [name, [0]]))
    })
  )
  const world = await startGatewayWorld(1)
  const services: ServiceProcess[] = []
  for (const name of ['producer', 'simulator'])
    services.push(await startService(name, world.nats.url, { SITE: 'summit', SITE_FILE: file }))
  return {
    ...world,
    patterns: patterns.map(pattern => ({ pattern, quality: 'latest', rate: RATE_HZ })),
    watch: seconds => watchDue(world.broker, seconds),
    async close() {
      await Promise.all(services.map(service => service.stop()))
      await world.close()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

const patterns = COMPONENTS.map(csc => patternOf('tel', { site: 'summit', csc, index: 0 }))

function watchDue(broker: Broker, seconds: number): () => number {
  const counts = new Map<string, number>()
  const subscriptions = patterns.map(pattern =>
    broker.subscribe(pattern, ({ subject }) => counts.set(subject, (counts.get(subject) ?? 0) + 1))
  )
  return () => {
    for (const subscription of subscriptions) subscription.unsubscribe()
    return dueAt(counts.values(), RATE_HZ * seconds)
  }
}

/** Messages that come of these many per topic, when no topic is sent more than `most` times. */
export function dueAt(counts: Iterable<number>, most: number): number {
  let due = 0
  for (const count of counts) due += Math.min(count, most)
  return due
}
