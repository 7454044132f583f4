import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { NatsConnection, Status } from '@nats-io/nats-core'
import { errors } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { ulid } from 'ulid'
import type { Broker, BrokerOptions, BrokerState } from './broker.ts'
import { brokerErrorOf, isInsecure, isWrongKey } from './broker-error.ts'
import { readCredentials } from './credentials.ts'
import { createInbox, type Internals, registerInternals } from './internals.ts'
import { connectionLost, createLostRequests } from './lost-requests.ts'
import { createMessage, natsHeadersOf } from './message.ts'
import { parseServers } from './parse-servers.ts'
import { createRarely } from './rarely.ts'
import { createRequests } from './requests.ts'
import {
  CONNECT_RETRY_MS,
  CONNECT_TIMEOUT_MS,
  LAME_DUCK_SPREAD_MS,
  PING_INTERVAL_MS,
  RECONNECT_JITTER_MS,
  RECONNECT_WAIT_MS
} from './timing.ts'

/**
 * Connects; once connected it comes back by itself for ever. Throws BRK_UNAVAILABLE when the first connection
 * does not come about within `connectTimeoutMs`, BRK_INSECURE where that is because of TLS, BRK_WRONG_KEY at once
 * where the broker does not know the key, and CFG_INVALID at once where `servers` is no list of addresses or a file cannot be used.
 */
export async function connectBroker(options: BrokerOptions): Promise<Broker> {
  const nc = await firstConnection(options)
  const log = options.log.child({ part: 'broker' })
  const names: Readonly<Record<string, string>> = options.streamNames ?? {}
  const internals: Internals = {
    nc,
    log,
    inboxPrefix: options.inboxPrefix,
    permissionListeners: new Set(),
    lostRequests: createLostRequests(),
    streamName: stream => names[stream] ?? stream,
    callbackErrors: 0,
    refusals: { key: 0, publish: 0, subscription: 0 },
    logRarely: createRarely()
  }
  const broker = createBroker(internals)
  registerInternals(broker, internals)
  return broker
}

async function firstConnection(options: BrokerOptions): Promise<NatsConnection> {
  const given = connectionOptions(options)
  const until = performance.now() + (options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS)
  for (;;) {
    const leftMs = Math.max(50, until - performance.now())
    try {
      return await connect({ ...given, timeout: leftMs })
    } catch (cause) {
      if (isWrongKey(cause)) throw brokerErrorOf(cause)
      if (performance.now() + CONNECT_RETRY_MS > until) {
        const detail = `${options.servers}: ${cause instanceof Error ? cause.message : String(cause)}`
        throw new AppError(isInsecure(cause) ? 'BRK_INSECURE' : 'BRK_UNAVAILABLE', { cause, detail })
      }
      await sleep(CONNECT_RETRY_MS)
    }
  }
}

// Defaults of nats.js that do not suit a service [docs/nats.md#connecting]: it gives up after ten attempts,
// notices a half-open connection after four minutes, and stays away for good when its key was missing for a
// moment.
function connectionOptions(options: BrokerOptions) {
  const { name, inboxPrefix } = options
  return {
    servers: [...parseServers(options.servers)],
    name: `${name}-${ulid().slice(-8).toLowerCase()}`,
    ...readCredentials(options),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    pingInterval: PING_INTERVAL_MS,
    noAsyncTraces: true,
    ignoreAuthErrorAbort: true,
    ...(inboxPrefix === undefined ? {} : { inboxPrefix })
  }
}

function createBroker(internals: Internals): Broker {
  const { nc, log, lostRequests, permissionListeners } = internals
  const requests = createRequests({ nc, newInbox: () => createInbox(internals), permissionListeners })
  const listeners = new Set<(state: BrokerState) => void>()
  let state: BrokerState = 'connected'
  let refusal: AppError | undefined
  let reconnects = 0
  let drained: Promise<void> | undefined

  const become = (next: BrokerState): void => {
    if (state === next || state === 'closed' || (state === 'draining' && next !== 'closed')) return
    state = next
    for (const listener of listeners) listener(next)
  }
  const failRequests = (): void => {
    lostRequests.fail()
    requests.fail(connectionLost())
  }
  void followStatus(nc, status => {
    if (status.type === 'disconnect') {
      log.warn({ server: status.server }, 'broker connection lost')
      become('disconnected')
      failRequests()
    } else if (status.type === 'reconnect') {
      reconnects++
      refusal = undefined
      log.info({ server: status.server }, 'broker connection regained')
      become('connected')
    } else if (status.type === 'ldm') leaveLameDuck(internals)
    else if (status.type === 'error') refusal = tellError(internals, status.error) ?? refusal
  })
  void nc.closed().then(err => {
    if (err instanceof Error) log.error({ err }, 'broker connection closed')
    become('closed')
    // The client forgets what is still asked on a connection that is closed under it.
    failRequests()
  })

  return {
    serverVersion: nc.info?.version ?? 'unknown',
    state: () => state,
    onState(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    publish(subject, data, { reply, headers } = {}) {
      nc.publish(subject, data, {
        ...(reply === undefined ? {} : { reply }),
        ...(headers === undefined ? {} : { headers: natsHeadersOf(headers) })
      })
    },
    async request(subject, data, options) {
      if (state === 'disconnected') throw new AppError('BRK_UNAVAILABLE', { subject })
      try {
        return createMessage(await requests.ask(subject, data, options))
      } catch (error) {
        throw brokerErrorOf(error, subject)
      }
    },
    subscribe(subject, callback, { queue } = {}) {
      const subscription = nc.subscribe(subject, {
        ...(queue === undefined ? {} : { queue }),
        callback: (error, message) => {
          if (error !== null)
            log.error({ err: brokerErrorOf(error, subject), subject }, 'subscription ended by the broker')
          else guard(internals, subject, () => callback(createMessage(message)))
        }
      })
      return {
        unsubscribe: () => subscription.unsubscribe(),
        drain: () => subscription.drain()
      }
    },
    inbox: () => createInbox(internals),
    flush: () => nc.flush(),
    drain() {
      become('draining')
      drained ??= nc.isClosed() ? Promise.resolve() : nc.drain().catch(() => nc.close())
      return drained
    },
    refusal: () => (state === 'disconnected' ? refusal : undefined),
    stats: () => ({ reconnects, callbackErrors: internals.callbackErrors, refusals: internals.refusals })
  }
}

async function followStatus(nc: NatsConnection, handle: (status: Status) => void): Promise<void> {
  for await (const status of nc.status()) handle(status)
}

// All clients of a server that is about to stop hear of it at once; they leave spread over the grace period.
function leaveLameDuck({ nc, log }: Internals): void {
  const delayMs = Math.random() * LAME_DUCK_SPREAD_MS
  log.info({ delayMs: Math.round(delayMs) }, 'broker is about to stop: will change server')
  setTimeout(() => {
    if (nc.isClosed() || nc.isDraining()) return
    nc.reconnect().catch((err: unknown) => log.warn({ err }, 'could not change server'))
  }, delayMs).unref()
}

/** Logs and counts an error of the connection; gives the one that keeps this process out. */
function tellError(internals: Internals, err: Error): AppError | undefined {
  if (err instanceof errors.PermissionViolationError) {
    tellViolation(internals, err)
    return undefined
  }
  const { log, logRarely, refusals } = internals
  if (!isWrongKey(err)) {
    log.error({ err }, 'broker reports an error')
    return undefined
  }
  refusals.key++
  const refusal = brokerErrorOf(err)
  logRarely('key', times => log.error({ err: refusal, times }, 'broker refuses the key of this process'))
  return refusal
}

function tellViolation(
  { log, logRarely, refusals, permissionListeners }: Internals,
  violation: InstanceType<typeof errors.PermissionViolationError>
): void {
  const { operation, subject } = violation
  refusals[operation]++
  if ([...permissionListeners].some(listener => listener(operation, subject))) return
  const err = brokerErrorOf(violation, subject)
  logRarely(
    operation,
    times => log.error({ err, operation, subject, times }, 'broker does not permit this'),
    subject
  )
}

// A callback that throws would end the reader of the whole connection. One that throws at every message is
// logged rarely for each pattern, and counted.
function guard(internals: Internals, subject: string, run: () => void): void {
  try {
    run()
  } catch (err) {
    internals.callbackErrors++
    const { callbackErrors: total } = internals
    internals.logRarely(subject, () =>
      internals.log.error({ err, subject, total }, 'subscription callback failed')
    )
  }
}
