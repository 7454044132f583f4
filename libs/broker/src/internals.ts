import { type NatsConnection, createInbox as natsInbox } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import type { Broker, BrokerRefusal } from './broker.ts'
import type { LostRequests } from './lost-requests.ts'
import type { Rarely } from './rarely.ts'

/** Hears of a refused operation; returns true when it was its own. */
export type PermissionListener = (operation: 'publish' | 'subscription', subject: string) => boolean

/** What the parts of this package share about a connection; nobody else sees it. */
export interface Internals {
  readonly nc: NatsConnection
  readonly log: Logger
  readonly inboxPrefix: string | undefined
  /** Options of the library where JetStream is asked below a word of its own. */
  readonly apiOptions: { readonly apiPrefix?: string }
  readonly permissionListeners: Set<PermissionListener>
  /** Ends what is asked when the connection is lost. */
  readonly lostRequests: LostRequests
  /** The name under which the server keeps a stream: another one where it is a mirror [adr/0007]. */
  readonly streamName: (stream: string) => string
  callbackErrors: number
  readonly refusals: Record<BrokerRefusal, number>
  /** For lines that may be due with every message. */
  readonly logRarely: Rarely
}

const known = new WeakMap<Broker, Internals>()

/** Makes `internalsOf` answer for a broker. */
export function registerInternals(broker: Broker, internals: Internals): void {
  known.set(broker, internals)
}

/** The connection behind a broker that connectBroker made. */
export function internalsOf(broker: Broker): Internals {
  const internals = known.get(broker)
  if (internals === undefined) throw new TypeError('not a broker made by connectBroker')
  return internals
}

/** A new reply subject below the prefix that this connection may subscribe to. */
export const createInbox = ({ inboxPrefix }: Internals): string => natsInbox(inboxPrefix)
