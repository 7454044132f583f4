import type { AuditTrail } from '@meridian/auth/audit'
import type { Audit, AuthEvent } from '@meridian/auth/users'
import type { Metrics } from '@meridian/service'
import type { Logger } from 'pino'

const OUTCOMES = {
  'log-in': 'meridian_api_logins_total',
  'log-in-refused': 'meridian_api_logins_total',
  refresh: 'meridian_api_refreshes_total',
  'refresh-refused': 'meridian_api_refreshes_total',
  'token-used': 'meridian_api_token_exchanges_total',
  'token-refused': 'meridian_api_token_exchanges_total'
} as const

/** Where it is told. */
interface AuditOptions {
  readonly log: Logger
  readonly metrics: Metrics
  readonly trail: Pick<AuditTrail, 'tell'>
}

/**
 * Counts what happens to users and sessions, writes it to the audit, but for refreshes and uses of personal tokens, and logs it: with level warn a refresh token that was shown again, with
 * debug what comes with every session or from anybody who tries names, and with info all else. What failed because the broker did, or a part of
 * the api, is no refusal: it is counted by its code and logged as failed, and the audit is not told.
 */
export function createAudit({ log, metrics, trail }: AuditOptions): Audit {
  return event => {
    const { what, code = 'done' } = event
    if (what in OUTCOMES) metrics.counter(OUTCOMES[what as keyof typeof OUTCOMES]).inc({ outcome: code })
    const hasFailed = what.endsWith(REFUSED) && isFailure(code)
    if (what !== 'refresh' && what !== 'token-used' && !hasFailed) trail.tell(event)
    const told = hasFailed ? what.replace(REFUSED, '-failed') : what
    log[levelOf(event)]({ ...event, what: told }, `users: ${told}`)
  }
}

const REFUSED = '-refused'

const isFailure = (code: string): boolean => code.startsWith('BRK_') || code === 'GEN_INTERNAL'

function levelOf({ what, name }: AuthEvent): 'debug' | 'info' | 'warn' {
  if (what === 'refresh-reused') return 'warn'
  if (what === 'refresh' || what === 'refresh-refused' || what === 'token-used') return 'debug'
  return what.endsWith(REFUSED) && name === undefined ? 'debug' : 'info'
}
