import { type NatsConnection, createInbox as natsInbox } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import type { Broker } from './broker.ts'

/** Hears of a refused operation; returns true when it was its own. */
export type PermissionListener = (operation: 'publish' | 'subscription', subject: string) => boolean

/** What the parts of this package share about a connection; nobody else sees it. */
export interface Internals {
  readonly nc: NatsConnection
  readonly log: Logger
  readonly inboxPrefix: string | undefined
  readonly permissionListeners: Set<PermissionListener>
  callbackErrors: number
}

const known = new WeakMap<Broker, Internals>()

/** Ties a broker to its connection. */
export function registerInternals(broker: Broker, internals: Internals): void {
  known.set(broker, internals)
}

/** The connection behind a broker that connectBroker made. */
export function internalsOf(broker: Broker): Internals {
  const internals = known.get(broker)
  if (internals === undefined) throw new TypeError('not a broker made by connectBroker')
  return internals
}

/** A reply subject of its own. */
export const createInbox = ({ inboxPrefix }: Internals): string => natsInbox(inboxPrefix)
