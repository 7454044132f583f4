import type { Fleet } from './fleet.ts'
import type { InstanceModel } from './instance-model.ts'
import { processName } from './silent-producers.ts'

/** Source and event begin within a moment of each other, seconds. */
const START_S = 1

/**
 * That a state was said before the producer listened without a break which carries the component now: what the component said
 * while no producer listened reached nobody, so the state may be another. Undefined where a producer has
 * listened since. `said` and `since` are TAI seconds. Reads signals.
 */
export function unheardStateOf(
  { processes }: Pick<Fleet, 'processes'>,
  { id, stateSaidTime }: Pick<InstanceModel, 'id' | 'stateSaidTime'>
): { readonly producer: string; readonly said: number; readonly since: number } | undefined {
  const said = stateSaidTime.value
  const carrier = processes.firstCarrierOf(id)
  const since = carrier?.listensSince.value
  if (said === undefined || carrier === undefined || since === undefined || said > since - START_S)
    return undefined
  return { producer: processName(carrier), said, since }
}
