/**
 * The condition of an instance: what an operator should believe of it, which is more than its last summary
 * state.
 *
 * fault, offline, standby, disabled, enabled: the summary state, while its heartbeat is fresh (offline needs
 * none: the process has ended); silent: it is known to have lived and no heartbeat came for `SILENT_AFTER_MS`,
 * or ever; it never looks healthy whatever it said last; unjudged: the producer that carries it is silent, so
 * nothing can be said of it; device: it lives, but says no summary state that SAL has, as home-made devices
 * do; noaccess: whoever is logged in may not read what would tell; ended: a device without heartbeat has stopped to send for much longer than it used to; nodata: nothing
 * is known, or nothing can be concluded yet.
 */
export const CONDITIONS = [
  'fault',
  'silent',
  'unjudged',
  'ended',
  'noaccess',
  'nodata',
  'offline',
  'standby',
  'disabled',
  'device',
  'enabled'
] as const
/** How an instance fares, one of the list above, the most urgent first. */
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
  unjudged: 'NOT JUDGED',
  ended: 'NOT REPORTING',
  noaccess: 'NO ACCESS',
  nodata: 'NO DATA',
  offline: 'OFFLINE',
  standby: 'STANDBY',
  disabled: 'DISABLED',
  device: 'REPORTING',
  enabled: 'ENABLED'
}

/** As of when an instance is judged, and by what right. Times are instants of the page's clock. */
export interface Judgement {
  /**
   * The last instant at which its heartbeat would have been heard: neither after the last data of the link nor
   * after the last beat of the producers that carry it. Minus infinity while that is not known.
   */
  readonly asOfMs: number
  /**
   * Set while every producer that carries it is silent: the name of one of them, such as `Producer:2`. What is
   * missing then proves nothing.
   */
  readonly silentProducer: string | undefined
  /**
   * While `silentProducer` is set: the last instant at which a producer that carries it let it be judged. What was
   * missing by then is missing. Minus infinity, or left out, where that is not known.
   */
  readonly provenMs?: number
  /** The last time in which it could not be heard, of the link or of its producers; undefined: none is known. */
  readonly stall?: { readonly fromMs: number; readonly toMs: number } | undefined
}

/** Which of the words of an instance that say how it fares may be read: those that may not never come. */
export interface Readable {
  readonly heartbeat: boolean
  readonly state: boolean
}

/** What is known of an instance at one moment. Times are instants of the page's clock. */
export interface Evidence {
  /**
   * Whether all last values of the site have come. Before that a state without its heartbeat, or a heartbeat without
   * those of the others, would let what is dead look alive, or the other way round.
   */
  readonly isComplete: boolean
  /** Which of its words whoever is logged in may read. */
  readonly readable: Readable
  readonly summaryState: number | undefined
  /** When its last heartbeat was heard; undefined when none ever came. */
  readonly heartbeatMs: number | undefined
  /** When anything else of it was last heard. */
  readonly dataMs: number | undefined
  /** The longest of the latest pauses between its data; undefined before there were two. */
  readonly usualMs: number | undefined
  readonly judgement: Judgement
}

/** True when a beat is missing that would have been heard. */
export const isMissing = (beatMs: number | undefined, asOfMs: number): boolean =>
  asOfMs !== Number.NEGATIVE_INFINITY && (beatMs === undefined || asOfMs - beatMs > SILENT_AFTER_MS)

const isProducerSilent = ({ silentProducer }: Judgement): boolean => silentProducer !== undefined

/** True when a beat was missing before its producer fell silent; not of one that was never heard. */
const wasMissing = (beatMs: number | undefined, { provenMs }: Judgement): boolean =>
  beatMs !== undefined && provenMs !== undefined && isMissing(beatMs, provenMs)

/** A device has ended after so many of its usual pauses, and not before `LEAST_MS`. */
const ENDED_PAUSES = 5
const LEAST_MS = 30_000
/** As long as its usual pause is not known. */
const UNKNOWN_PAUSE_MS = 60_000

const endedAfterMs = (usualMs: number | undefined): number =>
  usualMs === undefined ? UNKNOWN_PAUSE_MS : Math.max(LEAST_MS, ENDED_PAUSES * usualMs)

/** The longest time without its data in which data would have been heard. */
function quietMs(dataMs: number, { asOfMs, stall }: Judgement): number {
  if (stall === undefined || dataMs >= stall.toMs) return asOfMs - dataMs
  return Math.max(stall.fromMs - dataMs, asOfMs - stall.toMs)
}

/** Of what sends data and nothing else. */
function deviceCondition({ dataMs, usualMs, judgement }: Evidence): Condition {
  if (dataMs === undefined) return isProducerSilent(judgement) ? 'unjudged' : 'nodata'
  const hasEndedBy = (asOfMs: number): boolean =>
    quietMs(dataMs, { ...judgement, asOfMs }) > endedAfterMs(usualMs)
  if (isProducerSilent(judgement) && isMissing(dataMs, judgement.asOfMs))
    return hasEndedBy(judgement.provenMs ?? Number.NEGATIVE_INFINITY) ? 'ended' : 'unjudged'
  return hasEndedBy(judgement.asOfMs) ? 'ended' : 'device'
}

/**
 * The condition that the evidence supports. A FAULT stays a FAULT when the heartbeat stops as well. What lives and whose
 * state may not be read may be in FAULT.
 */
export function conditionOf(evidence: Evidence): Condition {
  if (!evidence.isComplete) return 'nodata'
  const { readable, summaryState } = evidence
  const stated = summaryState === undefined ? undefined : SUMMARY_STATES[summaryState]
  if (stated === 'offline' || stated === 'fault') return stated
  if (!readable.heartbeat) return 'noaccess'
  const judged = livingCondition(evidence, stated)
  return !readable.state && (judged === 'device' || judged === 'nodata') ? 'noaccess' : judged
}

/** By its heartbeat, or its data where it has none. */
function livingCondition(evidence: Evidence, stated: Condition | undefined): Condition {
  const { summaryState, heartbeatMs, judgement } = evidence
  if (summaryState === undefined && heartbeatMs === undefined) return deviceCondition(evidence)
  if (!isMissing(heartbeatMs, judgement.asOfMs)) return stated ?? 'device'
  return isProducerSilent(judgement) && !wasMissing(heartbeatMs, judgement) ? 'unjudged' : 'silent'
}

/** Rank of a condition by how soon somebody must look: 0 is the most urgent. */
export const urgencyOf = (condition: Condition): number => CONDITIONS.indexOf(condition)

/** Conditions that somebody has to look at now. */
export const isProblem = (condition: Condition): boolean => condition === 'fault' || condition === 'silent'

/** Conditions that a component keeps when its heartbeat stops, as what it said last says more than silence. */
export const outlivesHeartbeat = (condition: Condition): boolean =>
  condition === 'fault' || condition === 'offline'

/**
 * True for an instance that is not heard any more, whatever its condition: the values that it sent last prove
 * nothing about now, and what is sent to it may not be heard. The one verdict of overview, instance page, stop
 * bar and plot.
 */
export function isDead(evidence: Evidence): boolean {
  const condition = conditionOf(evidence)
  if (outlivesHeartbeat(condition)) return isMissing(evidence.heartbeatMs, evidence.judgement.asOfMs)
  return condition === 'silent' || condition === 'unjudged' || condition === 'ended'
}
