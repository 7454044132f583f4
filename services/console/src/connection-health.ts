import type { ClientStatus } from '@meridian/client'

/**
 * What the connection to the observatory is worth, which decides whether values on the page may be believed.
 *
 * connecting: never yet live; sound: live, broker there, data flowing; lost: was live and is not; broker: the
 * gateway lost its broker; quiet: live, yet nothing came for `QUIET_AFTER_MS`; closed: the gateway refused us
 * for good.
 */
export type ConnectionHealth =
  | { readonly kind: 'connecting' | 'lost' | 'broker' | 'quiet'; readonly sinceMs: number }
  | { readonly kind: 'sound' }
  | { readonly kind: 'closed'; readonly sinceMs: number; readonly reason: string }

/** Heartbeats of a whole site come many times a second: this long without any means that data has stopped. */
export const QUIET_AFTER_MS = 5000

/** The health that a status of the client means, at `nowMs`; `wasLive` tells a loss from a first attempt. */
export function healthOf(status: ClientStatus, nowMs: number, wasLive: boolean): ConnectionHealth {
  if (status.state === 'closed')
    return { kind: 'closed', sinceMs: status.sinceMs, reason: status.error?.message ?? 'connection closed' }
  const lastMs = status.lastUpdateMs ?? status.sinceMs
  if (status.state !== 'live') {
    if (!wasLive) return { kind: 'connecting', sinceMs: status.sinceMs }
    return { kind: 'lost', sinceMs: status.lastMessageMs ?? status.sinceMs }
  }
  if (status.broker === 'lost') return { kind: 'broker', sinceMs: lastMs }
  const heardMs = Math.max(lastMs, status.sinceMs)
  return nowMs - heardMs > QUIET_AFTER_MS ? { kind: 'quiet', sinceMs: lastMs } : { kind: 'sound' }
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
    case 'broker':
      return 'BROKER LOST: the gateway gets no data, values below are old'
    case 'quiet':
      return 'NO DATA: connected, but nothing arrives; values below are old'
    case 'closed':
      return `CONNECTION REFUSED: ${health.reason}`
  }
}
