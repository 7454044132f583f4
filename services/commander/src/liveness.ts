import { type Instance, instanceNameOf } from '@meridian/catalogue'
import { OWN_COMPONENTS } from '@meridian/subjects'
import { silentMsOf } from './heartbeat-monitor.ts'

/**
 * Judges from heartbeats when an instance fell silent and when it was alive again, as it is recorded. An
 * instance: alive (from its first heartbeat) -> silent (no heartbeat for 5 s, a Script's 15 s) -> alive.
 * Nothing is judged while no heartbeat of anybody comes, for then the link is at fault, nor an instance
 * whose producer is silent; afterwards each gets its whole time anew.
 */
export interface Liveness {
  /** A heartbeat was heard now, or at `atMs` in the past. */
  beat(instance: Instance, atMs?: number): void
  /** The record says so, whoever wrote it. */
  recorded(instance: Instance, alive: boolean): void
  /** What a producer says that it carries [docs/subjects.md]. */
  carries(
    producer: number,
    carried: { readonly instances: readonly string[]; readonly others: boolean }
  ): void
  /** The instances whose state is another than the record says. */
  judge(): readonly LivenessChange[]
}

/** One change that is to be recorded. */
export interface LivenessChange extends Instance {
  readonly alive: boolean
}

interface Heard {
  readonly instance: Instance
  lastMs: number
  /** Since when it beats without a hole. */
  sinceMs: number
  isSilent: boolean
}

/** Everything beats once a second, but Scripts: nothing from anybody for longer means that the link is quiet. */
const QUIET_MS = 1_500
/** A hole in the heartbeats after which what hangs on them is judged from anew. */
const HOLE_MS = 2_500
/** Time for a whole observatory to start beating after this process began to listen. */
const START_MS = 15_000
/** Instances whose state is recorded: each is a name that EVT keeps for good. */
const MAX_INSTANCES = 5_000

const OWN: ReadonlySet<string> = new Set(OWN_COMPONENTS)

/** Creates one that has heard nothing; `nowMs` is UTC ms. */
export function createLiveness(nowMs: () => number): Liveness {
  const instances = new Map<string, Heard>()
  const producers = new Map<number, { readonly names: ReadonlySet<string>; readonly others: boolean }>()
  const startMs = nowMs() + START_MS
  let anyMs = Number.NEGATIVE_INFINITY
  let linkMs = startMs

  function heardOf(instance: Instance, atMs: number): Heard | undefined {
    const name = instanceNameOf(instance)
    const known = instances.get(name)
    // A Script ends, and its index never comes again: its name would stay in EVT.
    if (known !== undefined || instance.csc === 'Script' || instances.size >= MAX_INSTANCES) return known
    const heard = { instance, lastMs: atMs, sinceMs: atMs, isSilent: false }
    instances.set(name, heard)
    return heard
  }

  /** The producer that publishes the heartbeats of an instance, as far as it is known. */
  function producerOf(instance: Instance): Heard | undefined {
    if (OWN.has(instance.csc)) return undefined
    const name = instanceNameOf(instance)
    const all = [...producers]
    const [index] = all.find(([, { names }]) => names.has(name)) ?? all.find(([, { others }]) => others) ?? []
    return index === undefined ? undefined : instances.get(instanceNameOf({ csc: 'Producer', index }))
  }

  function isSilent({ instance, lastMs }: Heard, atMs: number): boolean {
    const producer = producerOf(instance)
    if (producer !== undefined && atMs - producer.lastMs > HOLE_MS) return false
    return atMs - Math.max(lastMs, linkMs, producer?.sinceMs ?? 0) > silentMsOf(instance.csc)
  }

  return {
    beat(instance, atMs = nowMs()) {
      if (atMs - anyMs > HOLE_MS) linkMs = Math.max(startMs, atMs)
      anyMs = Math.max(anyMs, atMs)
      const heard = heardOf(instance, atMs)
      if (heard === undefined || atMs < heard.lastMs) return
      if (atMs - heard.lastMs > HOLE_MS) heard.sinceMs = atMs
      heard.lastMs = atMs
    },
    recorded(instance, alive) {
      const heard = heardOf(instance, Number.NEGATIVE_INFINITY)
      if (heard !== undefined) heard.isSilent = !alive
    },
    carries(producer, carried) {
      producers.set(producer, { names: new Set(carried.instances), others: carried.others })
    },
    judge() {
      const atMs = nowMs()
      if (atMs - anyMs > QUIET_MS) return []
      const isBack = ({ instance, lastMs }: Heard): boolean => atMs - lastMs <= silentMsOf(instance.csc)
      return [...instances.values()]
        .filter(heard => (heard.isSilent ? isBack(heard) : isSilent(heard, atMs)))
        .map(({ instance, isSilent: alive }) => ({ ...instance, alive }))
    }
  }
}
