import { type Broker, purgeSubjects } from '@meridian/broker'
import { everythingBelow, forgetOf, heartbeatOf, type InstanceRef } from '@meridian/subjects'
import { assertSilent } from './assert-silent.ts'

/** Messages that were removed, by stream. */
export interface Forgotten {
  readonly TEL: number
  readonly EVT: number
}

/**
 * Forgets the names of one component: removes its telemetry, heartbeats and events from the streams, then
 * tells the gateways, which drop its topics. What it says from now on is kept again. Throws RUN_STILL_RUNNING
 * for a process of Meridian's own that beats, and the broker's errors; may be run again.
 */
export async function forgetComponent(broker: Broker, instance: InstanceRef): Promise<Forgotten> {
  const { csc, index } = instance
  await assertSilent(broker, instance)
  const telemetry = await purgeSubjects(broker, 'TEL', everythingBelow('tel', instance))
  const heartbeats = await purgeSubjects(broker, 'TEL', heartbeatOf(instance))
  const events = await purgeSubjects(broker, 'EVT', everythingBelow('evt', instance))
  broker.publish(forgetOf(instance), JSON.stringify({ component: csc, index }))
  await broker.flush()
  return { TEL: telemetry + heartbeats, EVT: events }
}
