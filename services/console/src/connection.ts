import {
  type Client,
  type ClientStatus,
  type CommandHandle,
  type CommandHandlers,
  type CommandOptions,
  createClient,
  type Subscription,
  type SubscriptionHandlers
} from '@meridian/client'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import { type ConnectionHealth, healthOf } from './connection-health.ts'
import type { FrameQueue } from './frame-queue.ts'
import type { PageClock } from './page-clock.ts'

/**
 * The page's one connection to the observatory: the SDK's client, its state as signals, its updates in step
 * with the screen.
 */
export interface Connection {
  readonly status: ReadonlySignal<ClientStatus>
  readonly health: ReadonlySignal<ConnectionHealth>
  /** The last moment (UTC ms of this machine) at which silence of a component would have meant something. */
  readonly judgedAtMs: ReadonlySignal<number>
  /**
   * Subscribes for the life of the page or until closed; handlers run in one of the next animation frames, in
   * order.
   */
  subscribe(patterns: Parameters<Client['subscribe']>[0], handlers: SubscriptionHandlers): Subscription
  /** Sends a command and follows it. */
  command(options: CommandOptions, handlers: CommandHandlers): CommandHandle
  /** Connects, and connects again after each loss for as long as the page lives. */
  start(): void
}

/**
 * What a connection is made from; the client is that of the page's own origin unless a test brings another.
 */
export interface ConnectionParts {
  readonly clock: PageClock
  readonly frames: FrameQueue
  readonly client?: Client
}

/**
 * Time from one look at the state of the connection to the next, which is the beat of the page's clock as
 * well.
 */
const LOOK_MS = 1000

/** After a loss components are given this long to be heard again before their silence counts. */
const GRACE_MS = 3000

/** Where the gateway is: the page's own origin. */
const liveUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`

/** Creates the connection; nothing is opened before `start`. */
export function createConnection(parts: ConnectionParts): Connection {
  const { clock, frames, client = createClient({ url: liveUrl() }) } = parts
  const status = signal<ClientStatus>(client.status())
  const wasLive = signal(false)
  const judgedAtMs = signal(clock.nowMs.peek())
  let soundSinceMs: number | undefined
  const health = computed(() => healthOf(status.value, clock.nowMs.value, wasLive.value))

  function look(): void {
    clock.tick()
    status.value = client.status()
    clock.setSiteOffset(status.value.clockOffsetMs ?? 0)
    const now = clock.nowMs.peek()
    if (status.value.state === 'live') wasLive.value = true
    if (health.value.kind !== 'sound') soundSinceMs = undefined
    else soundSinceMs ??= now
    if (soundSinceMs !== undefined && now - soundSinceMs >= GRACE_MS) judgedAtMs.value = now
  }

  return {
    status,
    health,
    judgedAtMs,
    subscribe: (patterns, handlers) => client.subscribe(patterns, inFrames(frames, handlers)),
    command: (options, handlers) => client.command(options, handlers),
    start() {
      client.onStatus(look)
      clock.every(LOOK_MS, look)
      client.connect()
    }
  }
}

/** The same handlers, each call of which waits for its animation frame. */
function inFrames(frames: FrameQueue, handlers: SubscriptionHandlers): SubscriptionHandlers {
  const { onData, onFlush, onLive, onOutcome, onRefused } = handlers
  return {
    onData: update => frames.push(() => onData(update)),
    ...(onFlush && { onFlush: () => frames.push(onFlush) }),
    ...(onLive && { onLive: () => frames.push(onLive) }),
    ...(onOutcome && { onOutcome: outcome => frames.push(() => onOutcome(outcome)) }),
    ...(onRefused && { onRefused: refused => frames.push(() => onRefused(refused)) })
  }
}
