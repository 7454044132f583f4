import type { Clock } from '@meridian/time'

/** Knows which components are alive, from the time of each instance's last heartbeat. */
export interface HeartbeatMonitor {
  /** A heartbeat came, now or at `atMs` (UTC ms). */
  beat(csc: string, index: number, atMs?: number): void
  /** Milliseconds since the last heartbeat; undefined where none came yet. */
  ageMs(csc: string, index: number): number | undefined
  /** Whether the last heartbeat is younger than `silentMsOf` says. */
  alive(csc: string, index: number): boolean
}

/** A component silent for longer is offline [docs/commands.md#acceptance]. */
const SILENT_MS = 5_000
/** Scripts beat every 5 s only [docs/sal.md#publishing]. */
const SCRIPT_SILENT_MS = 15_000
const MAX_INSTANCES = 20_000
const FORGET_MS = 3_600_000
const FORGET_EVERY_MS = 10_000

/** Silence after which an instance of a component counts as offline, ms. */
export const silentMsOf = (csc: string): number => (csc === 'Script' ? SCRIPT_SILENT_MS : SILENT_MS)

/**
 * A monitor that knows no instance yet. It stays bounded: beyond 20,000 instances those silent for an hour
 * are forgotten.
 */
export function createHeartbeatMonitor(clock: Clock): HeartbeatMonitor {
  const last = new Map<string, number>()
  let forgotMs = Number.NEGATIVE_INFINITY
  const makeRoom = (): void => {
    if (clock.nowMs() - forgotMs < FORGET_EVERY_MS) return
    forgotMs = clock.nowMs()
    forget(last, forgotMs - FORGET_MS)
  }
  const ageMs = (csc: string, index: number): number | undefined => {
    const atMs = last.get(`${csc}:${index}`)
    return atMs === undefined ? undefined : Math.max(0, clock.nowMs() - atMs)
  }
  return {
    beat(csc, index, atMs = clock.nowMs()) {
      const key = `${csc}:${index}`
      if (atMs < (last.get(key) ?? 0)) return
      if (!last.has(key) && last.size >= MAX_INSTANCES) makeRoom()
      if (last.has(key) || last.size < MAX_INSTANCES) last.set(key, atMs)
    },
    ageMs,
    alive(csc, index) {
      const age = ageMs(csc, index)
      return age !== undefined && age <= silentMsOf(csc)
    }
  }
}

function forget(last: Map<string, number>, beforeMs: number): void {
  for (const [key, atMs] of last) if (atMs < beforeMs) last.delete(key)
}
