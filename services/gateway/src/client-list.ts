import type { Hub, SubscriberPage } from '@meridian/fanout'
import type { NumberBounds } from '@meridian/service'

/** Which part of the list: `offset` connections are passed over, `limit` follow. */
export interface ListRange {
  readonly offset: number
  readonly limit: number
}

/** Who watches what on one gateway: a part of its connections, the oldest first. */
export interface ClientList extends SubscriberPage {
  readonly gateway: string
  readonly site: string
  readonly offset: number
  /** Where the next part begins; undefined: this one is the last. */
  readonly next: number | undefined
}

/** What a list may be asked for; a hundred connections are the most at a time. */
export const LIST_BOUNDS = {
  offset: { least: 0, most: 1_000_000, usual: 0 },
  limit: { least: 1, most: 100, usual: 50 }
} as const satisfies Readonly<Record<keyof ListRange, NumberBounds>>

/** Lists connections of the gateway of this name and site. */
export type ListClients = (range: ListRange) => ClientList

/** The list of a hub's connections. */
export const createClientList =
  (hub: Pick<Hub, 'clients'>, gateway: string, site: string): ListClients =>
  ({ offset, limit }) => {
    const page = hub.clients(offset, limit)
    const end = offset + page.clients.length
    return { gateway, site, offset, next: end < page.total && end > offset ? end : undefined, ...page }
  }
