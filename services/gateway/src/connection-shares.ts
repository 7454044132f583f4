import { AppError } from '@meridian/errors'
import { addressKeyOf, type OnLimited } from '@meridian/service'
import type { ConnectedClient } from './connection.ts'

/** How many connections one principal and one address may have at a time; 0: no limit. */
export interface ConnectionShareLimits {
  readonly perPrincipal: number
  readonly perAddress: number
  readonly onLimited: OnLimited
}

/**
 * Who has how many connections. In open mode nobody is a principal of his own; a loopback address is that of the machine itself,
 * or of a proxy that TRUSTED_PROXIES should name: neither is counted.
 */
export interface ConnectionShares {
  /** GTW_TOO_MANY_CONNECTIONS where a client may have no more; undefined where it may. */
  refusalOf(client: ConnectedClient): AppError | undefined
  add(client: ConnectedClient): void
  /** Takes off what was added, once for each `add`. */
  remove(client: ConnectedClient): void
}

/** Clients that were sent away come back no sooner. */
const RETRY_AFTER_S = 10

/** Counts the connections of each user and address, of none at first, and says who has more than his share. */
export function createConnectionShares({
  perPrincipal,
  perAddress,
  onLimited
}: ConnectionShareLimits): ConnectionShares {
  const [principals, addresses] = [new Map<string, number>(), new Map<string, number>()]
  const countsOf = ({ principal, address }: ConnectedClient) => {
    const ofAddress = addressKeyOf(address)
    return [
      ...(principal.proof === undefined
        ? []
        : [{ by: 'principal', counts: principals, key: principal.name, limit: perPrincipal } as const]),
      ...(ofAddress === undefined
        ? []
        : [{ by: 'address', counts: addresses, key: ofAddress, limit: perAddress } as const])
    ]
  }
  return {
    refusalOf(client) {
      for (const { by, counts, key, limit } of countsOf(client)) {
        if (limit === 0 || (counts.get(key) ?? 0) < limit) continue
        const facts = { by, limit, retryAfterSeconds: RETRY_AFTER_S }
        const error = new AppError('GTW_TOO_MANY_CONNECTIONS', { detail: `${limit} by ${by}`, ...facts })
        onLimited(error.code, by, key)
        return error
      }
      return undefined
    },
    add(client) {
      for (const { counts, key } of countsOf(client)) counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    remove(client) {
      for (const { counts, key } of countsOf(client)) {
        const left = (counts.get(key) ?? 0) - 1
        if (left > 0) counts.set(key, left)
        else counts.delete(key)
      }
    }
  }
}
