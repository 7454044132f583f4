/**
 * The condition of an instance: what an operator should believe of it, which is more than its last summary
 * state.
 *
 * fault, offline, standby, disabled, enabled: the summary state, while its heartbeat is fresh (offline needs
 * none: the process has ended); silent: a state is known and no heartbeat came for `SILENT_AFTER_MS`, or
 * ever; it never looks healthy whatever it said last; nodata: nothing is known; device: it sends data but has
 * no summary state, as home-made devices do.
 */
export const CONDITIONS = [
  'fault',
  'silent',
  'nodata',
  'offline',
  'standby',
  'disabled',
  'device',
  'enabled'
] as const
export type Condition = (typeof CONDITIONS)[number]

/**
 * SAL heartbeats come once a second; the commander calls a component offline after the same time
 * [docs/commands.md#acceptance].
 */
export const SILENT_AFTER_MS = 5000

/** SAL's numbers of the summary state [docs/sal.md#states]. */
export const SUMMARY_STATES: Readonly<Record<number, Condition>> = {
  1: 'disabled',
  2: 'enabled',
  3: 'fault',
  4: 'offline',
  5: 'standby'
}

/** What a person reads; a shape and a colour of the same name go with it. */
export const CONDITION_LABELS: Readonly<Record<Condition, string>> = {
  fault: 'FAULT',
  silent: 'SILENT',
  nodata: 'NO DATA',
  offline: 'OFFLINE',
  standby: 'STANDBY',
  disabled: 'DISABLED',
  device: 'REPORTING',
  enabled: 'ENABLED'
}

/** What is known of an instance at one moment. Times are milliseconds of one local clock. */
export interface Evidence {
  readonly summaryState: number | undefined
  /** When its last heartbeat was true; undefined when none ever came. */
  readonly heartbeatMs: number | undefined
  /** When anything else of it was last true. */
  readonly dataMs: number | undefined
  /** The last moment at which the connection was known to be sound: silence after it proves nothing. */
  readonly judgedAtMs: number
}

/** True when a heartbeat is missing that would have been seen. */
export const isSilent = (heartbeatMs: number | undefined, judgedAtMs: number): boolean =>
  heartbeatMs === undefined || judgedAtMs - heartbeatMs > SILENT_AFTER_MS

/** The condition that the evidence supports. A FAULT stays a FAULT when the heartbeat stops as well. */
export function conditionOf(evidence: Evidence): Condition {
  const { summaryState, heartbeatMs, dataMs, judgedAtMs } = evidence
  if (summaryState === undefined && heartbeatMs === undefined)
    return dataMs === undefined ? 'nodata' : 'device'
  const stated = summaryState === undefined ? undefined : SUMMARY_STATES[summaryState]
  if (stated === 'offline' || stated === 'fault') return stated
  if (isSilent(heartbeatMs, judgedAtMs)) return 'silent'
  return stated ?? 'nodata'
}

/** Rank of a condition by how soon somebody must look: 0 is the most urgent. */
export const urgencyOf = (condition: Condition): number => CONDITIONS.indexOf(condition)

/** Conditions that somebody has to look at now. */
export const isProblem = (condition: Condition): boolean => condition === 'fault' || condition === 'silent'
