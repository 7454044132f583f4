import type { ControlRecord, PatternRequest } from '@meridian/protocol/live'
import { openSocket } from '#open-socket'
import { createBackoff } from './backoff.ts'
import { type Channel, type ChannelContext, createChannel } from './channel.ts'
import { ClientError, sdkError } from './client-error.ts'
import { systemClock } from './clock.ts'
import { jsonCodec, msgpackCodec } from './codec.ts'
import { type Commands, createCommands } from './commands.ts'
import { type ChannelReports, type Connection, createConnection } from './connection.ts'
import { createRegistry, type SubscriptionEntry } from './registry.ts'
import { createStatus, type Greeting, greetingOf, type Status } from './status.ts'
import type { Client, ClientOptions, Subscription, SubscriptionHandlers, WebSocketLike } from './types.ts'

const DEFAULTS = { pingMs: 5000, baseMs: 250, capMs: 10_000, healthyMs: 30_000 } as const

/** A client of the gateway at `options.url`; it opens nothing before `connect()`. Throws SDK_BAD_URL. */
export function createClient(options: ClientOptions): Client {
  const clock = systemClock
  const registry = createRegistry()
  const backoff = createBackoff({ ...DEFAULTS, ...options.backoff, random: Math.random })
  const channels = new Set<Channel>()
  const greetings = new WeakMap<Channel, Greeting>()
  const status = createStatus(clock, () => connection.state(), backoff.attempt)
  const context = contextOf(options, { clock, registry, status })
  let opened = 0

  const connection: Connection<Channel> = createConnection<Channel>({
    backoff,
    clock,
    open: openChannel,
    onChange(state) {
      status.changed(state.kind === 'live' ? greetings.get(state.channel) : undefined)
      if (state.kind === 'closed') commands.closeAll(state.end?.error)
      if (state.kind === 'live') commands.onActive()
    }
  })

  const commands: Commands = createCommands({
    clock,
    site: () => status.facts().site,
    active: () => connection.active()?.number,
    send: frame => connection.active()?.send(frame),
    subscribe
  })

  function openChannel(reports: ChannelReports): Channel {
    const openedMs = clock.nowMs()
    const bare = createChannel(++opened, context, {
      onReady(welcome) {
        greetings.set(channel, greetingOf(welcome, openedMs, clock))
        reports.ready()
      },
      onSettled() {
        registry.prune(channel.number)
        reports.settled()
      },
      onEnd(end) {
        channels.delete(channel)
        reports.ended(end)
      },
      onControl: record => control(channel, record, reports)
    })
    const channel: Channel = {
      ...bare,
      close(reason) {
        channels.delete(channel)
        bare.close(reason)
      }
    }
    channels.add(channel)
    return channel
  }

  function control(channel: Channel, record: ControlRecord, reports: ChannelReports): void {
    if (record.op === 'reconnect') reports.hinted(record)
    else if (record.op === 'command') commands.onAnswer(record)
    else if (record.op === 'error' && typeof record.id === 'string')
      commands.onRefused(record.id, record.error)
    else if (record.op === 'broker') brokerIs(channel, record.broker)
  }

  function brokerIs(channel: Channel, broker: 'connected' | 'lost'): void {
    const greeting = greetings.get(channel)
    if (greeting !== undefined) greetings.set(channel, { ...greeting, facts: { ...greeting.facts, broker } })
    if (connection.active() === channel) status.learn({ broker })
  }

  function subscribe(
    patterns: readonly (string | PatternRequest)[],
    handlers: SubscriptionHandlers
  ): Subscription {
    const entry = registry.add(patterns, handlers)
    ask(entry)
    return {
      close() {
        if (entry.isClosed) return
        registry.remove(entry)
        for (const channel of channels) channel.send({ op: 'unsubscribe', id: entry.id })
      },
      update(next) {
        if (entry.isClosed) return
        registry.replace(entry, next)
        ask(entry)
      }
    }
  }

  function ask({ id, wanted }: SubscriptionEntry): void {
    for (const channel of channels) {
      if (wanted.requests.length > 0) channel.subscribe({ id, patterns: wanted.requests })
      else channel.send({ op: 'unsubscribe', id })
    }
  }

  let forgetNetwork = (): void => undefined

  return {
    connect() {
      forgetNetwork()
      forgetNetwork = whenOnline(connection.probe)
      connection.connect()
    },
    close() {
      forgetNetwork()
      connection.close()
      registry.clear()
      context.forget()
    },
    probe: connection.probe,
    status: status.now,
    onStatus: status.listen,
    subscribe: (patterns, handlers) => subscribe(patterns, handlers as unknown as SubscriptionHandlers),
    command: (command, handlers = {}) => commands.run(command, handlers)
  }
}

/** Calls `work` whenever the browser has found its network again; returns what ends that. */
function whenOnline(work: () => void): () => void {
  const page = globalThis as Partial<EventTarget>
  page.addEventListener?.('online', work)
  return () => page.removeEventListener?.('online', work)
}

/** What all connections of a client share; `forget` drops the cursor. */
function contextOf(
  options: ClientOptions,
  { clock, registry, status }: Pick<ChannelContext, 'clock' | 'registry'> & { readonly status: Status }
): ChannelContext & { forget(): void } {
  const url = socketUrlOf(options.url)
  const codec = options.protocol === 'json' ? jsonCodec : msgpackCodec
  let cursor: string | undefined
  return {
    open: () => socketOf(options, url, codec.subprotocol),
    codec,
    clock,
    pingMs: options.pingMs ?? DEFAULTS.pingMs,
    registry,
    cursor: () => cursor,
    onCursor(next) {
      cursor = next
    },
    forget() {
      cursor = undefined
    },
    onHeard: status.heard,
    onUpdates: status.updated,
    onPong: status.ponged
  }
}

function socketOf(options: ClientOptions, url: string, subprotocol: string): WebSocketLike {
  return options.WebSocket === undefined
    ? openSocket(url, [subprotocol], options.token)
    : new options.WebSocket(url, [subprotocol])
}

/** The address with a scheme of WebSocket, seen from the page where there is one. */
function socketUrlOf(text: string): string {
  const { location } = globalThis as { readonly location?: { readonly href: string } }
  try {
    const url = new URL(text, location?.href)
    url.protocol = url.protocol.replace(/^http/, 'ws')
    if (!/^wss?:$/.test(url.protocol)) throw new TypeError(`${url.protocol} is no WebSocket`)
    return url.href
  } catch (cause) {
    throw new ClientError(sdkError('SDK_BAD_URL', { url: text, reason: String(cause) }))
  }
}
