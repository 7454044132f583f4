import type { ProcessKind } from '@meridian/subjects'
import { type ServiceProcess, waitFor } from '@meridian/testing'
import type { TracedBroker } from './traced-broker.ts'

/** After a broker that stood still the doors look at what they had heard last of revocations, and hear of the next. */
export async function outliveFrozenBroker(
  world: TracedBroker,
  doors: readonly ServiceProcess[]
): Promise<void> {
  const isReplaced = ({ lines }: ServiceProcess): boolean =>
    lines.some(line => line.includes('KV_auth_revoked') && line.includes('consumer is replaced'))
  await world.nats.freeze()
  await waitFor(() => doors.every(isReplaced), { what: 'a consumer of each', timeoutMs: 90_000 })
  world.nats.thaw()
  const look = '$JS.API.STREAM.MSG.GET.KV_auth_revoked'
  const hasLooked = (kind: ProcessKind): boolean => world.used.get(kind)?.publish.has(look) ?? false
  const haveAll = (): boolean => (['gateway', 'commander', 'api'] as const).every(hasLooked)
  const isDone = (): boolean => haveAll() || world.refusals.length > 0
  await waitFor(isDone, { what: 'a look at the last revocation', timeoutMs: 60_000 })
}
