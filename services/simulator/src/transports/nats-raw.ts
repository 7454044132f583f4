import { patternOf } from '@meridian/subjects'
import { createExecDoor } from './exec-door.ts'
import type { Transport, TransportOptions } from './transport.ts'

/** Components that speak on `raw.` and are commanded on `exec.`. */
export function createNatsRawTransport({ config, raw }: TransportOptions): Transport {
  const door = createExecDoor(config.SITE)
  return {
    name: 'NATS',
    outlet: raw,
    open: async ({ broker }, components, executor) => door.open(broker, components, executor),
    close: () => door.close(),
    badRequests: door.badRequests,
    notSaid: () => 0,
    failures: () => 0,
    endpoints: [{ name: 'exec', subject: patternOf('exec', { site: config.SITE }) }]
  }
}
