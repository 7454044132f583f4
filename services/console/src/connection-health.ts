import type { ClientStatus } from '@meridian/client'

/**
 * What the connection to the observatory is worth, which decides whether values on the page may be believed:
 * first the link, then the broker behind it, then whether data flows.
 *
 * connecting: never yet live; lost: was live and is not; stalled: live, yet the gateway says nothing and
 * answers no question; broker: the gateway lost its broker; resuming: either has just come back, and the data
 * will; quiet: the gateway answers, but no data comes; sound: data flows, or
 * the gateway with its broker does where the heartbeats of producers may not be read; closed: the gateway refused us for good.
 */
export type ConnectionHealth =
  | {
      readonly kind: 'connecting' | 'lost' | 'stalled' | 'broker' | 'resuming' | 'quiet'
      readonly sinceMs: number
    }
  | { readonly kind: 'sound' }
  | { readonly kind: 'closed'; readonly sinceMs: number; readonly reason: string }

/** What is known of the connection at one instant. All `…Ms` are instants of the page's clock. */
export interface LinkEvidence {
  readonly status: Pick<ClientStatus, 'state' | 'broker' | 'error'>
  readonly nowMs: number
  /** When `status.state` became what it is. */
  readonly stateSinceMs: number
  /** When the gateway was last heard, whatever it said. */
  readonly messageMs: number | undefined
  /** When live data last came. */
  readonly dataMs: number | undefined
  /** Whether the heartbeats of producers may be read: without them nothing need come of what may be read. */
  readonly mayHearProducers: boolean
  /** Since when the page itself has been running without a pause: before, it could hear nothing. */
  readonly awakeSinceMs: number
  /** When the link was last found stalled or without its broker; undefined if it never was. */
  readonly brokenMs: number | undefined
  /** When the link was last seen live; undefined before it ever was. */
  readonly lastLiveMs: number | undefined
}

/**
 * Heartbeats of a whole site come many times a second, and the client asks the gateway after 2 s without a
 * message: this long without either means that it has stopped.
 */
export const QUIET_AFTER_MS = 4000

/** The health that the evidence means. */
export function healthOf(evidence: LinkEvidence): ConnectionHealth {
  const { status, stateSinceMs, messageMs, dataMs, lastLiveMs } = evidence
  if (status.state === 'closed')
    return { kind: 'closed', sinceMs: stateSinceMs, reason: status.error?.message ?? 'connection closed' }
  if (status.state !== 'live' && lastLiveMs === undefined)
    return { kind: 'connecting', sinceMs: stateSinceMs }
  // Not the age of the state, which begins anew with each attempt.
  if (status.state !== 'live') return { kind: 'lost', sinceMs: dataMs ?? lastLiveMs ?? stateSinceMs }
  const oldMs = dataMs ?? stateSinceMs
  if (isQuiet(messageMs, evidence)) return { kind: 'stalled', sinceMs: oldMs }
  if (status.broker === 'lost') return { kind: 'broker', sinceMs: oldMs }
  if (!evidence.mayHearProducers || !isQuiet(dataMs, evidence)) return { kind: 'sound' }
  return { kind: isBack(evidence) ? 'resuming' : 'quiet', sinceMs: oldMs }
}

/** True as long as what was broken until just now may be about to send. */
const isBack = ({ brokenMs, nowMs }: LinkEvidence): boolean =>
  brokenMs !== undefined && nowMs - brokenMs <= QUIET_AFTER_MS

function isQuiet(heardMs: number | undefined, { nowMs, stateSinceMs, awakeSinceMs }: LinkEvidence): boolean {
  const fromMs = Math.max(stateSinceMs, awakeSinceMs, heardMs ?? Number.NEGATIVE_INFINITY)
  return nowMs - fromMs > QUIET_AFTER_MS
}

/** What the banner says; undefined when nothing is wrong. */
export function bannerOf(health: ConnectionHealth): string | undefined {
  switch (health.kind) {
    case 'sound':
      return undefined
    case 'connecting':
      return 'Connecting to the observatory: no data yet'
    case 'lost':
      return 'CONNECTION LOST: values below are old, reconnecting'
    case 'stalled':
      return 'LINK STALLED: the gateway does not answer, values below are old'
    case 'broker':
      return 'BROKER LOST: the gateway gets no data, values below are old'
    case 'resuming':
      return 'CATCHING UP: the gateway is back, values below are old until they come anew'
    case 'quiet':
      return 'NO DATA: the gateway answers, but nothing arrives; values below are old'
    case 'closed':
      return `CONNECTION REFUSED: ${health.reason}`
  }
}
