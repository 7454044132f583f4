import { type Client, type ClientStatus, createClient } from '@meridian/client'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { healthOf, type LinkHealth } from './link-health.ts'

/** The page's one connection, as signals. */
export interface Link {
  readonly client: Client
  readonly status: ReadonlySignal<ClientStatus>
  readonly health: ReadonlySignal<LinkHealth>
  /** This machine's UTC ms, refreshed once a second. */
  readonly nowMs: ReadonlySignal<number>
  /** UTC ms by the gateway's clock, which is the observatory's. */
  readonly siteMs: ReadonlySignal<number>
  /** The last moment at which silence of a component would have meant something. */
  readonly judgedAtMs: ReadonlySignal<number>
  start(): void
}

/** After a loss components are given this long to be heard again before their silence counts. */
const GRACE_MS = 3000

/** Where the gateway is: the page's own origin. */
const liveUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`

/** Creates the connection; nothing is opened before `start`. */
export function createLink(): Link {
  const client = createClient({ url: liveUrl() })
  const status = signal<ClientStatus>(client.status())
  const nowMs = signal(Date.now())
  const wasLive = signal(false)
  const judgedAtMs = signal(nowMs.peek())
  let soundSinceMs: number | undefined
  const health = computed(() => healthOf(status.value, nowMs.value, wasLive.value))

  function tick(): void {
    const now = Date.now()
    status.value = client.status()
    nowMs.value = now
    if (status.value.state === 'live') wasLive.value = true
    if (health.value.kind !== 'sound') soundSinceMs = undefined
    else soundSinceMs ??= now
    if (soundSinceMs !== undefined && now - soundSinceMs >= GRACE_MS) judgedAtMs.value = now
  }

  return {
    client,
    status,
    health,
    nowMs,
    judgedAtMs,
    siteMs: computed(() => nowMs.value + (status.value.clockOffsetMs ?? 0)),
    start() {
      client.onStatus(tick)
      setInterval(tick, 1000)
      client.connect()
    }
  }
}
