import { type Instance, instanceNameOf } from '@meridian/catalogue'
import { OWN_COMPONENTS } from '@meridian/subjects'
import { type Heard, type HeartbeatMonitor, HOLE_MS, silentMsOf } from './heartbeat-monitor.ts'

/**
 * Judges from heartbeats when an instance fell silent and when it was alive again, as it is recorded
 * [adr/0012]. An instance: alive (from its first heartbeat) -> silent (no heartbeat for 5 s) -> alive.
 * Nothing is judged while no heartbeat of anybody comes, for then the link is at fault, nor an instance
 * whose producer is silent; afterwards each gets its whole time anew.
 */
export interface Liveness {
  /** The record says so, whoever wrote it. */
  recorded(instance: Instance, alive: boolean): void
  /** What a producer says that it carries [docs/subjects.md]. */
  carries(
    producer: number,
    assigned: { readonly instances: readonly string[]; readonly others: boolean }
  ): void
  /** The instances whose state is another than the record says. */
  judge(): readonly LivenessChange[]
}

/** One change that is to be recorded. */
export interface LivenessChange extends Instance {
  readonly alive: boolean
}

/** What the record says of an instance; one that it does not name is alive. */
interface RecordedInstance {
  readonly instance: Instance
  isSilent: boolean
}

interface AssignedInstances {
  readonly names: ReadonlySet<string>
  readonly others: boolean
}

/** Everything beats once a second, but Scripts: nothing from anybody for longer means that the link is quiet. */
const QUIET_MS = 1_500
/** Time for a whole observatory to start beating after this process began to listen. */
const START_MS = 15_000
/** Instances whose state is recorded: each is a name that EVT keeps for good. */
const MAX_INSTANCES = 5_000

const OWN: ReadonlySet<string> = new Set(OWN_COMPONENTS)

/** Creates one that judges what `heartbeats` has heard; `nowMs` is the steady clock. */
export function createLiveness(heartbeats: HeartbeatMonitor, nowMs: () => number): Liveness {
  const instances = new Map<string, RecordedInstance>()
  const producers = new Map<number, AssignedInstances>()
  const startMs = nowMs() + START_MS

  function recordOf(instance: Instance): RecordedInstance | undefined {
    const name = instanceNameOf(instance)
    const known = instances.get(name)
    // A Script ends, and its index never comes again: its name would stay in EVT.
    if (known !== undefined || instance.csc === 'Script' || instances.size >= MAX_INSTANCES) return known
    const recorded = { instance, isSilent: false }
    instances.set(name, recorded)
    return recorded
  }

  /**
   * The producer that publishes the heartbeats of an instance, as far as it is known: one that names it, else
   * the catch-all. EVT keeps what producers said that are no more, so one that the instance has outlived is
   * none of them.
   */
  function producerOf(instance: Instance, lastMs: number): Heard | undefined {
    if (OWN.has(instance.csc)) return undefined
    const name = instanceNameOf(instance)
    const latest = (isAssigned: (assigned: AssignedInstances) => boolean): Heard | undefined =>
      [...producers]
        .filter(([, assigned]) => isAssigned(assigned))
        .flatMap(([index]) => heartbeats.heardOf({ csc: 'Producer', index }) ?? [])
        .filter(producer => lastMs - producer.lastMs <= HOLE_MS)
        .sort((a, b) => b.lastMs - a.lastMs)[0]
    return latest(({ names }) => names.has(name)) ?? latest(({ others }) => others)
  }

  function isSilent(instance: Instance, atMs: number): boolean {
    const silentMs = silentMsOf(instance.csc)
    const { lastMs } = heartbeats.heardOf(instance) ?? { lastMs: Number.NEGATIVE_INFINITY }
    if (atMs - lastMs <= silentMs) return false
    const producer = producerOf(instance, lastMs)
    if (producer !== undefined && atMs - producer.lastMs > HOLE_MS) return false
    return atMs - Math.max(startMs, heartbeats.link.sinceMs, producer?.sinceMs ?? 0) > silentMs
  }

  return {
    recorded(instance, alive) {
      const recorded = recordOf(instance)
      if (recorded !== undefined) recorded.isSilent = !alive
    },
    carries(producer, assigned) {
      producers.set(producer, { names: new Set(assigned.instances), others: assigned.others })
    },
    judge() {
      const atMs = nowMs()
      if (atMs - heartbeats.link.lastMs > QUIET_MS) return []
      for (const { instance } of heartbeats.instances()) recordOf(instance)
      const isOther = ({ instance, isSilent: isRecorded }: RecordedInstance): boolean =>
        isRecorded ? heartbeats.alive(instance.csc, instance.index) : isSilent(instance, atMs)
      return [...instances.values()]
        .filter(isOther)
        .map(({ instance, isSilent: alive }) => ({ ...instance, alive }))
    }
  }
}
