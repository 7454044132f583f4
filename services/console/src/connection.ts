import {
  type Client,
  type ClientStatus,
  type CommandHandle,
  type CommandHandlers,
  type CommandOptions,
  createClient,
  type Subscription,
  type SubscriptionHandlers,
  type Update
} from '@meridian/client'
import type { PatternRequest } from '@meridian/protocol/live'
import { patternOf } from '@meridian/subjects'
import { type ReadonlySignal, signal } from '@preact/signals'
import { type ConnectionHealth, healthOf, QUIET_AFTER_MS } from './connection-health.ts'
import { createDataFlow, type DataFlow, type Stall } from './data-flow.ts'
import type { FrameQueue } from './frame-queue.ts'
import type { PageClock } from './page-clock.ts'
import type { Reading } from './session/reading.ts'

/** What a page does with what it subscribed to. */
interface PageHandlers extends Omit<SubscriptionHandlers, 'onData'> {
  /**
   * `heardMs` is the instant of the page's clock at which the message came; of a last value, the one at which
   * the observatory had received it.
   */
  onData(update: Update, heardMs: number): void
}

/**
 * The page's one connection to the observatory: the SDK's client, its state as signals, its updates in step
 * with the screen.
 */
export interface Connection {
  readonly status: ReadonlySignal<ClientStatus>
  readonly health: ReadonlySignal<ConnectionHealth>
  /** The instant as of which components are judged: silence after it proves nothing. Minus infinity at first. */
  readonly judgedAtMs: ReadonlySignal<number>
  /** The last time in which nothing came; undefined before there was one. */
  readonly lastStall: ReadonlySignal<Stall | undefined>
  /** When live data last came, as an instant of the page's clock. */
  readonly dataMs: ReadonlySignal<number | undefined>
  /**
   * Subscribes for the life of the page or until closed; handlers run in one of the next animation frames, in
   * order. What may not be read is not asked for: where that is everything, `onLive` is called and nothing follows.
   */
  subscribe(patterns: readonly PatternRequest[], handlers: PageHandlers): Pick<Subscription, 'close'>
  /** Sends a command and follows it. */
  command(options: CommandOptions, handlers: CommandHandlers): CommandHandle
  /**
   * Connects, and connects again after each loss for as long as the page lives. After a refusal for good it connects
   * when it is called again.
   */
  start(): void
}

/**
 * What a connection is made from; the client is that of the page's own origin unless a test brings another.
 */
export interface ConnectionParts {
  readonly clock: PageClock
  readonly frames: FrameQueue
  readonly reading: Reading
  readonly client?: Client
}

/**
 * Time from one look at the state of the connection to the next, which is the beat of the page's clock as
 * well.
 */
const LOOK_MS = 1000

/** A look that comes so much late, ms, finds a page that stood still: what came meanwhile waits to be read. */
const PAUSE_MS = 1500

/** A gateway that stands still is left after two of these periods, ms: operators wait for another one. */
const PING_MS = 3000

/** Where the gateway is: the page's own origin. */
const liveUrl = (): string => `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/live`

/** Creates the connection; nothing is opened before `start`. */
export function createConnection(parts: ConnectionParts): Connection {
  const { clock, frames, reading, client = createClient({ url: liveUrl(), pingMs: PING_MS }) } = parts
  const flow = createDataFlow()
  const status = signal<ClientStatus>(client.status())
  const health = signal<ConnectionHealth>({ kind: 'connecting', sinceMs: clock.instantMs() })
  const judgedAtMs = signal(Number.NEGATIVE_INFINITY)
  const lastStall = signal<Stall | undefined>(undefined)
  const dataMs = signal<number | undefined>(undefined)
  /** When anything live last came. */
  let anyDataMs: number | undefined
  let lastLiveMs: number | undefined
  let brokenMs: number | undefined
  let lookedMs = clock.instantMs()
  let awakeSinceMs = lookedMs
  let isStarted = false

  function look(): void {
    const hasJumped = clock.tick()
    const now = client.status()
    clock.setSiteOffset(now.clockOffsetMs ?? 0, now.clockMeasuredMs ?? Number.NEGATIVE_INFINITY)
    status.value = now
    judge()
    // Asked last: it may tell a change of status, which comes back here.
    if (hasJumped) client.probe()
  }

  const mayHearProducers = (): boolean => reading.may(patternOf('hb', { csc: 'Producer' }))

  /** Who hears no producers judges by the gateway's word: it answers, and its broker is there. */
  function hearGateway(nowMs: number): void {
    const { state, broker, lastMessageMs } = status.peek()
    const isAnswering =
      lastMessageMs !== undefined && nowMs - clock.instantOf(lastMessageMs) <= QUIET_AFTER_MS
    if (!mayHearProducers() && state === 'live' && broker === 'connected' && isAnswering) flow.came(nowMs)
  }

  function judge(): void {
    const nowMs = clock.instantMs()
    hearGateway(nowMs)
    if (nowMs - lookedMs > LOOK_MS + PAUSE_MS) awakeSinceMs = nowMs
    lookedMs = nowMs
    const { state, sinceMs, lastMessageMs } = status.peek()
    if (state === 'live') lastLiveMs = nowMs
    health.value = healthOf({
      status: status.peek(),
      nowMs,
      stateSinceMs: clock.instantOf(sinceMs),
      messageMs: lastMessageMs && clock.instantOf(lastMessageMs),
      dataMs: flow.lastMs(),
      mayHearProducers: mayHearProducers(),
      awakeSinceMs,
      brokenMs,
      lastLiveMs
    })
    const { kind } = health.peek()
    if (kind === 'stalled' || kind === 'broker') brokenMs = nowMs
    dataMs.value = mayHearProducers() ? flow.lastMs() : anyDataMs
    lastStall.value = flow.lastStall()
    judgedAtMs.value = flow.judgedAtMs(nowMs) ?? Number.NEGATIVE_INFINITY
  }

  const onLiveData = (heardMs: number): void => {
    anyDataMs = Math.max(anyDataMs ?? heardMs, heardMs)
  }

  return {
    status,
    health,
    judgedAtMs,
    lastStall,
    dataMs,
    subscribe: (patterns, handlers) =>
      subscribeReadable(
        { client, reading },
        patterns,
        inFrames({ clock, frames, flow, judge, onLiveData }, handlers)
      ),
    command: (options, handlers) => client.command(options, handlers),
    start() {
      if (!isStarted) {
        client.onStatus(look)
        clock.every(LOOK_MS, look)
      }
      isStarted = true
      client.connect()
    }
  }
}

/** Subscribes to the patterns of which something may be read. */
function subscribeReadable(
  { client, reading }: { readonly client: Client; readonly reading: Reading },
  patterns: readonly PatternRequest[],
  handlers: SubscriptionHandlers
): Pick<Subscription, 'close'> {
  const readable = patterns.filter(({ pattern }) => reading.may(pattern))
  if (readable.length > 0 || patterns.length === 0) return client.subscribe(readable, handlers)
  handlers.onLive?.()
  return { close: () => undefined }
}

interface Arrival {
  readonly clock: PageClock
  readonly frames: FrameQueue
  readonly flow: DataFlow
  judge(): void
  /** Called with the instant of what came and was no last value. */
  onLiveData(heardMs: number): void
}

/** The same handlers, each call of which waits for its animation frame. What comes is timed as it comes. */
function inFrames(arrival: Arrival, handlers: PageHandlers): SubscriptionHandlers {
  const { frames, flow, judge } = arrival
  const { onData, onFlush, onLive, onOutcome, onRefused } = handlers
  return {
    onData(update) {
      const heardMs = note(update, arrival)
      frames.push(() => onData(update, heardMs))
    },
    onLive() {
      frames.push(() => {
        flow.complete()
        judge()
        onLive?.()
      })
    },
    ...(onFlush && { onFlush: () => frames.push(onFlush) }),
    ...(onOutcome && { onOutcome: outcome => frames.push(() => onOutcome(outcome)) }),
    ...(onRefused && { onRefused: refused => frames.push(() => onRefused(refused)) })
  }
}

/** What comes later than this after it was received was held up on its way, ms. */
const LATE_MS = 1_000

/**
 * When an update was heard; that of a heartbeat is noted as data that flows. Nothing else is: telemetry may be
 * held back for seconds, and events for as long as nothing changes. An event may be one that was missed, and
 * telemetry one that waited in a producer: both are as old as their receipt.
 */
function note({ parts, snapshot, received }: Update, { clock, flow, onLiveData }: Arrival): number {
  const isBeat = parts.class === 'hb'
  const nowMs = clock.instantMs()
  const receivedMs = clock.heardMsOf(received)
  const isOld = snapshot || parts.class === 'evt' || (!isBeat && nowMs - receivedMs > LATE_MS)
  const heardMs = isOld ? receivedMs : nowMs
  if (isBeat && snapshot) flow.recalled(heardMs)
  else if (isBeat) flow.came(heardMs)
  if (!snapshot) onLiveData(heardMs)
  return heardMs
}
