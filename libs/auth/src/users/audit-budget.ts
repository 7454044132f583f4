import { AppError } from '@meridian/errors'
import { createKeyedRates } from '@meridian/service'

/** At once, and then one each minute: more than anybody does by hand, and little enough for a stream of 90 days. */
const BURST = 120
const EVERY_S = 60

/**
 * How often users may do what each time is written to the audit and needs nobody else: log in, make a personal token,
 * change the own password. What is ended afterwards was made before, so ending is never refused. Counted by this process alone.
 */
export interface AuditBudget {
  /** Throws AUT_TOO_OFTEN, whose `facts.retryAfterSeconds` says when the next is taken. `who` is a user. */
  take(who: string): void
}

/** The budget of every user, full at first; `nowMs` is a clock that only goes forward. */
export function createAuditBudget(nowMs?: () => number): AuditBudget {
  const rates = createKeyedRates({
    ...{ perSecond: 1 / EVERY_S, burstSeconds: BURST * EVERY_S, ...(nowMs && { nowMs }) }
  })
  return {
    take(who) {
      const waitMs = rates.take(who)
      if (waitMs !== undefined)
        throw new AppError('AUT_TOO_OFTEN', { retryAfterSeconds: Math.ceil(waitMs / 1_000) })
    }
  }
}
