import type { ClientFrame, ControlRecord, SubscriptionRequest } from '@meridian/protocol/live'
import type { Clock } from './clock.ts'
import type { ClockReading } from './clock-offset.ts'
import type { Codec } from './codec.ts'
import { createGatewaySocket, type SocketEnd, type Welcome } from './gateway-socket.ts'
import type { Registry } from './registry.ts'
import { Session } from './session.ts'
import type { WebSocketLike } from './types.ts'

/** One connection with its session: asks for all subscriptions as soon as it is greeted. */
export interface Channel {
  readonly number: number
  /**
   * Asks for a subscription that was made or changed meanwhile. Before the greeting it does nothing: the
   * greeting asks for all.
   */
  subscribe(request: SubscriptionRequest): void
  send(frame: ClientFrame): void
  /** Asks for a sign of life; without one it ends soon. */
  probe(): void
  close(reason: string): void
}

/** The handlers of a channel. None is called after `close`. */
export interface ChannelEvents {
  onReady(welcome: Welcome): void
  /** All subscriptions are live on it, and nothing is missing. */
  onSettled(): void
  onEnd(end: SocketEnd): void
  onControl(record: ControlRecord): void
}

/** What every channel of a client shares. */
export interface ChannelContext {
  readonly open: () => WebSocketLike
  readonly codec: Codec
  readonly clock: Clock
  readonly pingMs: number
  readonly registry: Registry
  cursor(): string | undefined
  onCursor(cursor: string): void
  onHeard(): void
  onUpdates(): void
  onPong(reading: ClockReading): void
}

/** Opens a channel. `number` counts the client's connections from 1 and names this one in the registry. */
export function createChannel(number: number, context: ChannelContext, events: ChannelEvents): Channel {
  const { registry } = context
  let session: Session | undefined

  const socket = createGatewaySocket({
    ...context,
    onWelcome(welcome) {
      begin()
      events.onReady(welcome)
    },
    onRecords(records) {
      context.onHeard()
      session?.receive(records)
    },
    onEnd: events.onEnd
  })

  function begin(): void {
    const cursor = context.cursor()
    const resumed = cursor === undefined ? [] : registry.resumable()
    const begun = new Set(resumed.map(({ id }) => id))
    // What was live but has no cursor begins anew, as if it never had been.
    const fresh = registry.pending(begun)
    session = new Session({
      number,
      registry,
      resumed,
      fresh,
      onSettled: events.onSettled,
      onCursor: context.onCursor,
      onSubscribe: request => socket.send({ op: 'subscribe', ...request }),
      onControl: events.onControl,
      onUpdates: context.onUpdates
    })
    if (cursor !== undefined && resumed.length > 0)
      socket.send({ op: 'resume', cursor, subscriptions: resumed })
    for (const request of fresh) socket.send({ op: 'subscribe', ...request })
    session.start()
  }

  return {
    number,
    subscribe(request) {
      if (session === undefined) return
      session.asked(request)
      socket.send({ op: 'subscribe', ...request })
    },
    send: frame => socket.send(frame),
    probe: () => socket.probe(),
    close: reason => socket.close(1000, reason)
  }
}
