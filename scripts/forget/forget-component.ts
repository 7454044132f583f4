import {
  append,
  type Broker,
  encodeForgetMessage,
  type RemovedSubjects,
  removeSubjects
} from '@meridian/broker'
import { encodeMsgpack } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import {
  eventOf,
  everythingBelow,
  forgetOf,
  heartbeatOf,
  type InstanceRef,
  removalsOf
} from '@meridian/subjects'
import { systemClock } from '@meridian/time'
import { assertSilent } from './assert-silent.ts'

/** Messages that were removed, by stream. */
export interface Forgotten {
  readonly TEL: number
  readonly EVT: number
}

/**
 * Forgets the names of one component: removes its telemetry, heartbeats and events from the streams, noted as
 * no loss for anybody, then tells the gateways, which drop its topics, and the pages, by an event. What it says
 * from now on is kept again.
 * Throws RUN_STILL_RUNNING for a process of Meridian's own that beats, and the broker's errors; may be run
 * again.
 */
export async function forgetComponent(broker: Broker, instance: InstanceRef): Promise<Forgotten> {
  const { csc, index } = instance
  await assertSilent(broker, instance)
  const remove = (stream: string, ...filters: string[]): Promise<RemovedSubjects> =>
    removeSubjects(broker, { stream, filters, noteOn: removalsOf(instance.site) })
  const telemetry = await remove('TEL', everythingBelow('tel', instance), heartbeatOf(instance))
  const events = await remove('EVT', everythingBelow('evt', instance))
  const upTo = { TEL: telemetry.upTo, EVT: events.upTo }
  broker.publish(forgetOf(instance), encodeForgetMessage({ component: csc, index, upTo }))
  await broker.flush()
  await tellPages(broker, instance)
  return { TEL: telemetry.count, EVT: events.count }
}

/** One subject for all components: a name for each would be kept in place of those that were removed. */
async function tellPages(broker: Broker, { site, csc, index }: InstanceRef): Promise<void> {
  const now = systemClock.taiSeconds()
  const data = encodeSample({
    ...{ sndStamp: now, rcvStamp: now, seqNum: 1, origin: process.pid, identity: 'forget', revCode: '' },
    fields: encodeMsgpack({ component: csc, index }),
    uncatalogued: true
  })
  await append(broker, { subject: eventOf({ site, csc: 'Liveness', index: 0, topic: 'forgotten' }), data })
}
