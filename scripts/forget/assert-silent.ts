import type { Broker } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { heartbeatOf, type InstanceRef, OWN_COMPONENTS } from '@meridian/subjects'

/** Processes beat once a second: two beats that fail to come mean that it has ended. */
const LISTEN_MS = 2_500

/**
 * Throws RUN_STILL_RUNNING for a process of Meridian's own that beats, such as `Producer:1`: it tells of
 * itself once, when it starts, and what was removed would be missing until its next start. Listens for two
 * and a half seconds; components of the observatory pass at once.
 */
export async function assertSilent(broker: Broker, instance: InstanceRef): Promise<void> {
  const { csc, index } = instance
  if (!OWN_COMPONENTS.some(own => own === csc)) return
  if (await beats(broker, instance)) throw new AppError('RUN_STILL_RUNNING', { detail: `${csc}:${index}` })
}

const beats = (broker: Broker, instance: InstanceRef): Promise<boolean> =>
  new Promise(resolve => {
    const end = (heard: boolean): void => {
      clearTimeout(timer)
      subscription.unsubscribe()
      resolve(heard)
    }
    const subscription = broker.subscribe(heartbeatOf(instance), () => end(true))
    const timer = setTimeout(() => end(false), LISTEN_MS)
  })
