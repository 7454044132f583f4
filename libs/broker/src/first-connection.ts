import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { NatsConnection } from '@nats-io/nats-core'
import { connect } from '@nats-io/transport-node'
import { ulid } from 'ulid'
import type { BrokerOptions } from './broker.ts'
import { brokerErrorOf, isInsecure, isWrongKey } from './broker-error.ts'
import { readCredentials } from './credentials.ts'
import { parseServers } from './parse-servers.ts'
import {
  CONNECT_LEAST_MS,
  CONNECT_RETRY_MS,
  CONNECT_TIMEOUT_MS,
  PING_INTERVAL_MS,
  RECONNECT_JITTER_MS,
  RECONNECT_WAIT_MS
} from './timing.ts'

/**
 * Tries until there is a connection or `connectTimeoutMs` are over, and throws as `connectBroker`. The connection
 * comes back by itself for ever.
 */
export async function firstConnection(options: BrokerOptions): Promise<NatsConnection> {
  const given = connectionOptions(options)
  const until = performance.now() + (options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS)
  let told: unknown
  for (;;) {
    const timeout = Math.max(CONNECT_LEAST_MS, until - performance.now())
    try {
      return await connect({ ...given, timeout })
    } catch (cause) {
      const isOver = isWrongKey(cause) || performance.now() + CONNECT_RETRY_MS > until
      // The last try may be too short for a handshake, and then says no more than that it took too long.
      if (!isInsecure(told) || isWrongKey(cause)) told = cause
      if (isOver) throw noConnection(told, options.servers)
    }
    await sleep(CONNECT_RETRY_MS)
  }
}

function noConnection(cause: unknown, servers: string): AppError {
  if (isWrongKey(cause)) return brokerErrorOf(cause)
  const detail = `${servers}: ${cause instanceof Error ? cause.message : String(cause)}`
  return new AppError(isInsecure(cause) ? 'BRK_INSECURE' : 'BRK_UNAVAILABLE', { cause, detail })
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
