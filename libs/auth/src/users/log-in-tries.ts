import { AppError } from '@meridian/errors'
import { addressGroupOf } from '@meridian/service'
import type { Clock } from '@meridian/time'
import { createFailures } from './failures.ts'

/** Free failures of a name and of an address: behind one address there may be a whole control room. */
const OF_NAME = { free: 5, mostKeys: 20_000 }
const OF_ADDRESS = { free: 50, mostKeys: 20_000 }
const MOST_KNOWN = 20_000

/** One try to prove who somebody is. */
export interface Try {
  /** The name has logged in at this address before, as far as this process remembers. */
  readonly isKnown: boolean
  failed(): void
  succeeded(): void
  /** It was neither: nothing is counted. */
  cancelled(): void
}

/** Tries to log in, slower with each failure. Counted by this process alone. */
export interface LogInTries {
  /** Throws AUT_TOO_MANY_TRIES, whose `facts.retryAfterSeconds` says when the next is taken. */
  begin(name: string, address: string): Try
}

/**
 * Counts by name and by address. From an address at which a name has logged in before, its failures are counted apart:
 * whoever guesses at a name from elsewhere does not lock its owner out.
 */
export function createLogInTries(clock: Pick<Clock, 'nowMs'>): LogInTries {
  const names = createFailures(OF_NAME, clock.nowMs)
  const addresses = createFailures(OF_ADDRESS, clock.nowMs)
  const known = new Set<string>()

  function remember(pair: string): void {
    known.delete(pair)
    known.add(pair)
    if (known.size > MOST_KNOWN) known.delete(known.keys().next().value as string)
  }

  return {
    begin(name, address) {
      const group = addressGroupOf(address)
      const pair = keyOf(name, group)
      const isKnown = known.has(pair)
      const key = isKnown ? pair : keyOf(name)
      const waitMs = Math.max(names.waitMs(key), addresses.waitMs(group))
      if (waitMs > 0)
        throw new AppError('AUT_TOO_MANY_TRIES', { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
      const [ofName, ofAddress] = [names.open(key), addresses.open(group)]
      return {
        isKnown,
        failed() {
          ofName.failed()
          ofAddress.failed()
        },
        succeeded() {
          ofName.succeeded()
          // A right password of one's own does not make up for guesses at others.
          ofAddress.cancelled()
          remember(pair)
        },
        cancelled() {
          ofName.cancelled()
          ofAddress.cancelled()
        }
      }
    }
  }
}

/** What somebody types as a name may be anything: no name is the key of a pair. */
const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts)
