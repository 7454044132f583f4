import { openSocket } from '#open-socket'
import { createBackoff } from './backoff.ts'
import type { Channel, ChannelContext } from './channel.ts'
import { createChannels } from './channels.ts'
import { ClientError, sdkError } from './client-error.ts'
import { systemClock } from './clock.ts'
import { jsonCodec, msgpackCodec } from './codec.ts'
import { type Commands, createCommands } from './commands.ts'
import { type Connection, createConnection } from './connection.ts'
import { type CursorPlace, createCursorPlace } from './cursor-place.ts'
import { createRegistry, type Registry } from './registry.ts'
import { createStatus, type Status } from './status.ts'
import { createSubscribe } from './subscribe.ts'
import type { Client, ClientOptions, SubscriptionHandlers, WebSocketLike } from './types.ts'

const DEFAULTS = { pingMs: 5000, baseMs: 250, capMs: 10_000, healthyMs: 30_000 } as const

/** A client of the gateway at `options.url`; it opens nothing before `connect()`. Throws SDK_BAD_URL. */
export const createClient = (options: ClientOptions): Client =>
  createClientOf(options, createRegistry(), createCursorPlace())

/** A client whose subscriptions and cursor are kept where another entry says. Throws SDK_BAD_URL. */
export function createClientOf(options: ClientOptions, registry: Registry, cursors: CursorPlace): Client {
  const clock = systemClock
  const backoff = createBackoff({ ...DEFAULTS, ...options.backoff, random: Math.random })
  const status = createStatus(clock, () => connection.state(), backoff.attempt)
  const context = contextOf(options, { clock, registry, status, ...cursors })
  const channels = createChannels(context, { status, active: () => connection.active() })
  const subscribe = createSubscribe(registry, channels)

  const connection: Connection<Channel> = createConnection<Channel>({
    backoff,
    clock,
    open: reports => channels.open(reports, commands),
    onChange(state) {
      status.changed(state.kind === 'live' ? channels.greetingOf(state.channel) : undefined)
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
      // A client that is closed already takes commands too: they wait for `connect()`.
      commands.closeAll()
      registry.clear()
      cursors.onCursor()
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

/** What all connections of a client share. */
function contextOf(
  options: ClientOptions,
  {
    status,
    ...shared
  }: Pick<ChannelContext, 'clock' | 'registry' | 'cursor' | 'onCursor'> & {
    readonly status: Status
  }
): ChannelContext {
  const url = socketUrlOf(options.url)
  const codec = options.protocol === 'json' ? jsonCodec : msgpackCodec
  return {
    ...shared,
    open: () => socketOf(options, url, codec.subprotocol),
    codec,
    pingMs: options.pingMs ?? DEFAULTS.pingMs,
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

/** The address with a scheme of WebSocket, seen from the page where there is one. Throws SDK_BAD_URL. */
export function socketUrlOf(text: string): string {
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
