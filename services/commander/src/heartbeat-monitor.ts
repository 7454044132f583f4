import { type Instance, instanceNameOf } from '@meridian/catalogue'
import type { Clock } from '@meridian/time'

/** Knows which components are alive, from the time of each instance's last heartbeat. */
export interface HeartbeatMonitor {
  /** A heartbeat came, now or at `atMs` of the steady clock. One that is older than the last changes nothing. */
  beat(csc: string, index: number, atMs?: number): void
  /** Milliseconds since the last heartbeat; undefined where none came yet. */
  ageMs(csc: string, index: number): number | undefined
  /** Whether the last heartbeat is younger than `silentMsOf` says. */
  alive(csc: string, index: number): boolean
  /** What was heard of an instance; undefined where nothing was. */
  heardOf(instance: Instance): Heard | undefined
  /** All instances that were heard, in the order of their first heartbeats. */
  instances(): Iterable<HeardInstance>
  /** The same of all instances together: when anything was heard at all. */
  readonly link: Heard
}

/** Heartbeats of somebody, ms of the steady clock; minus infinity before the first. */
export interface Heard {
  readonly lastMs: number
  /** Since when it beats without a hole of more than `HOLE_MS`. */
  readonly sinceMs: number
}

/** What was heard of one instance, beside which instance it is. */
interface HeardInstance extends Heard {
  readonly instance: Instance
}

/** A component silent for longer is offline [docs/commands.md#acceptance]. */
const SILENT_MS = 5_000
/** Scripts beat every 5 s only [docs/sal.md#publishing]. */
const SCRIPT_SILENT_MS = 15_000
/** A hole in the heartbeats after which what hangs on them is judged from anew. */
export const HOLE_MS = 2_500
const MAX_INSTANCES = 20_000
const FORGET_MS = 3_600_000
const FORGET_EVERY_MS = 10_000

/** Silence after which an instance of a component counts as offline, ms. */
export const silentMsOf = (csc: string): number => (csc === 'Script' ? SCRIPT_SILENT_MS : SILENT_MS)

/**
 * A monitor that knows no instance yet. It stays bounded: beyond 20,000 instances those silent for an hour
 * are forgotten.
 */
export function createHeartbeatMonitor(clock: Pick<Clock, 'steadyMs'>): HeartbeatMonitor {
  const heard = new Map<string, HeardInstance>()
  const link = nothingHeard()
  let forgotMs = Number.NEGATIVE_INFINITY

  function makeRoom(): void {
    if (clock.steadyMs() - forgotMs < FORGET_EVERY_MS) return
    forgotMs = clock.steadyMs()
    forget(heard, forgotMs - FORGET_MS)
  }

  function entryOf(instance: Instance): HeardInstance | undefined {
    const name = instanceNameOf(instance)
    const known = heard.get(name)
    if (known !== undefined) return known
    if (heard.size >= MAX_INSTANCES) makeRoom()
    if (heard.size >= MAX_INSTANCES) return undefined
    const entry = { instance, ...nothingHeard() }
    heard.set(name, entry)
    return entry
  }

  const ageMs = (csc: string, index: number): number | undefined => {
    const { lastMs } = heard.get(instanceNameOf({ csc, index })) ?? {}
    return lastMs === undefined ? undefined : Math.max(0, clock.steadyMs() - lastMs)
  }

  return {
    link,
    beat(csc, index, atMs = clock.steadyMs()) {
      note(link, atMs)
      const entry = entryOf({ csc, index })
      if (entry !== undefined) note(entry, atMs)
    },
    ageMs,
    alive(csc, index) {
      const age = ageMs(csc, index)
      return age !== undefined && age <= silentMsOf(csc)
    },
    heardOf: instance => heard.get(instanceNameOf(instance)),
    instances: () => heard.values()
  }
}

const nothingHeard = (): Heard => ({ lastMs: Number.NEGATIVE_INFINITY, sinceMs: Number.NEGATIVE_INFINITY })

function note(heard: { -readonly [K in keyof Heard]: Heard[K] }, atMs: number): void {
  if (atMs < heard.lastMs) return
  if (atMs - heard.lastMs > HOLE_MS) heard.sinceMs = atMs
  heard.lastMs = atMs
}

function forget(heard: Map<string, Heard>, beforeMs: number): void {
  for (const [name, { lastMs }] of heard) if (lastMs < beforeMs) heard.delete(name)
}
