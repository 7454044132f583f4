import type { Backoff } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { SocketEnd } from './gateway-socket.ts'

/**
 * The life of a connection, over as many channels as it takes.
 *
 * idle: nothing was asked for yet. `connect` leaves it. connecting: one channel is being opened. Its greeting
 * makes it live; its end leads to waiting, or to closed when final. live: one channel works. Its end leads to
 * waiting or closed; the gateway's hint to moving. moving: the old channel still works; after the hint's
 * delay a second one is opened beside it. Once all is live on the second, the
 *   old one is closed and the state is live again. If the old one ends first, the second goes on as connecting or live; if the second
 *   fails, another is tried after a pause, as long as the old one works.
 * waiting: a pause of full jitter, behind the one that a refusal asks for, then connecting. `connect` and `probe` end the pause at once. closed: by
 * `close`, or by an end that is final. Only `connect` leaves it.
 */
export type ConnectionState<C extends Closable> =
  | { readonly kind: 'idle' }
  | { readonly kind: 'connecting'; readonly channel: C }
  | { readonly kind: 'live'; readonly channel: C; readonly sinceMs: number }
  | {
      readonly kind: 'moving'
      readonly channel: C
      readonly sinceMs: number
      readonly next: Next<C> | undefined
      readonly cancel: () => void
    }
  | { readonly kind: 'waiting'; readonly end: SocketEnd; readonly cancel: () => void }
  | { readonly kind: 'closed'; readonly end: SocketEnd | undefined }

/**
 * The second channel of a move: `isReady` once greeted; a hint that came on it meanwhile is kept until the
 * move is done.
 */
interface Next<C> {
  readonly channel: C
  readonly isReady: boolean
  readonly hint: Hint | undefined
}

/** What a connection needs of a channel. */
export interface Closable {
  probe(): void
  close(reason: string): void
}

/** The gateway asks to reconnect, not before `afterMs` from now. */
interface Hint {
  readonly afterMs: number
}

/**
 * What a channel tells the connection that opened it. Nothing comes after `ended`, nor after the channel was
 * closed.
 */
export interface ChannelReports {
  ready(): void
  settled(): void
  ended(end: SocketEnd): void
  hinted(hint: Hint): void
}

/** What the connection needs. `open` must not report before it returns. */
export interface ConnectionOptions<C extends Closable> {
  open(reports: ChannelReports): C
  readonly backoff: Backoff
  readonly clock: Clock
  onChange(state: ConnectionState<C>): void
}

/** What moves the state machine from outside, and what can be read of it. */
export interface Connection<C extends Closable> {
  connect(): void
  /** Something may have happened to the network: ends a pause, and asks a working channel for a sign of life. */
  probe(): void
  close(): void
  state(): ConnectionState<C>
  /** The channel to send on: in `live` and `moving`; undefined in every other state. */
  active(): C | undefined
}

/** How long a second channel may take until everything is live on it. */
const MOVE_MS = 15_000
const LONGEST_ASKED_MS = 60_000

/** How long who refused us wants to be left alone, as far as that is reasonable. */
const askedPauseMs = ({ error: { facts } }: SocketEnd): number =>
  Math.min(1_000 * (Number(facts?.['retryAfterSeconds']) || 0), LONGEST_ASKED_MS)

/** Makes a connection in `idle`; nothing is opened before `connect`. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a state machine of short functions; a class costs 90 bytes.
export function createConnection<C extends Closable>(options: ConnectionOptions<C>): Connection<C> {
  const { backoff, clock } = options
  let state: ConnectionState<C> = { kind: 'idle' }

  function enter(next: ConnectionState<C>): void {
    state = next
    options.onChange(next)
  }

  function open(): C {
    const channel: C = options.open({
      ready: () => ready(channel),
      settled: () => settled(channel),
      ended: end => ended(channel, end),
      hinted: hint => hinted(channel, hint)
    })
    return channel
  }

  const connecting = (): void => enter({ kind: 'connecting', channel: open() })
  const live = (channel: C): void => enter({ kind: 'live', channel, sinceMs: clock.nowMs() })
  const closed = (end: SocketEnd | undefined): void => enter({ kind: 'closed', end })

  function waiting(end: SocketEnd): void {
    const pauseMs = backoff.nextMs() + askedPauseMs(end)
    enter({ kind: 'waiting', end, cancel: clock.after(pauseMs, connecting) })
  }

  function afterEnd(end: SocketEnd): void {
    if (end.final) closed(end)
    else waiting(end)
  }

  function ready(channel: C): void {
    if (state.kind === 'connecting' && state.channel === channel) live(channel)
    else if (state.kind === 'moving' && state.next?.channel === channel)
      state = { ...state, next: { ...state.next, isReady: true } }
  }

  function settled(channel: C): void {
    if (state.kind !== 'moving' || state.next?.channel !== channel) return
    const { channel: old, cancel, next, sinceMs } = state
    cancel()
    backoff.lived(clock.nowMs() - sinceMs)
    live(channel)
    old.close('moved')
    if (next.hint !== undefined) hinted(channel, next.hint)
  }

  function hinted(channel: C, hint: Hint): void {
    if (state.kind === 'live' && state.channel === channel) moveAfter(hint.afterMs)
    else if (state.kind === 'moving' && state.next?.channel === channel)
      state = { ...state, next: { ...state.next, hint } }
  }

  function moveAfter(ms: number): void {
    if (state.kind !== 'live' && state.kind !== 'moving') return
    const { channel, sinceMs } = state
    enter({ kind: 'moving', channel, sinceMs, next: undefined, cancel: clock.after(ms, move) })
  }

  function move(): void {
    if (state.kind !== 'moving') return
    const next = { channel: open(), isReady: false, hint: undefined }
    const cancel = clock.after(MOVE_MS, () => {
      next.channel.close('not settled')
      moveAfter(backoff.nextMs())
    })
    state = { ...state, next, cancel }
  }

  function ended(channel: C, end: SocketEnd): void {
    if (state.kind === 'moving') endedInMove(state, channel, end)
    else if (state.kind === 'live' && state.channel === channel) {
      backoff.lived(clock.nowMs() - state.sinceMs)
      afterEnd(end)
    } else if (state.kind === 'connecting' && state.channel === channel) afterEnd(end)
  }

  function endedInMove(
    moving: Extract<ConnectionState<C>, { kind: 'moving' }>,
    channel: C,
    end: SocketEnd
  ): void {
    const { next, cancel, sinceMs } = moving
    if (channel !== moving.channel && channel !== next?.channel) return
    cancel()
    if (channel === moving.channel) backoff.lived(clock.nowMs() - sinceMs)
    if (channel === next?.channel) afterFailedMove(moving, end)
    else if (next === undefined) afterEnd(end)
    else takeOver(next)
  }

  function takeOver({ channel, isReady, hint }: Next<C>): void {
    if (isReady) live(channel)
    else enter({ kind: 'connecting', channel })
    if (hint !== undefined) hinted(channel, hint)
  }

  /** The old channel still works: another try after a pause, unless the new gateway's no is final. */
  function afterFailedMove({ channel, sinceMs }: { channel: C; sinceMs: number }, end: SocketEnd): void {
    if (end.final) enter({ kind: 'live', channel, sinceMs })
    else moveAfter(backoff.nextMs())
  }

  function leave(reason: string): void {
    if (state.kind === 'waiting' || state.kind === 'moving') state.cancel()
    if ('channel' in state) state.channel.close(reason)
    if (state.kind === 'moving') state.next?.channel.close(reason)
  }

  function connect(): void {
    if (state.kind === 'waiting') state.cancel()
    if (state.kind === 'idle' || state.kind === 'waiting' || state.kind === 'closed') connecting()
  }

  return {
    connect,
    probe() {
      if (state.kind === 'waiting') connect()
      else if (state.kind === 'live' || state.kind === 'moving') state.channel.probe()
    },
    close() {
      if (state.kind === 'closed') return
      leave('closed by the client')
      closed(undefined)
    },
    state: () => state,
    active: () => (state.kind === 'live' || state.kind === 'moving' ? state.channel : undefined)
  }
}
