import { AppError } from '@meridian/errors'
import type { ServicePart } from '@meridian/service'
import { systemClock as clock } from '@meridian/time'
import { type AuditTrail, createAuditTrail } from './audit-trail.ts'
import { type Refused, refusalEventOf } from './refusal-event.ts'

/** The trail of a service; comes before the parts that tell it something, so that it outlives them. */
export interface AuditPart extends ServicePart {
  /** Throws GEN_INTERNAL before the part has started. */
  trail(): AuditTrail
  /** Tells a refusal of rights or of a token, and nothing else that failed; never waits, never throws. */
  tellRefused(err: Pick<AppError, 'code' | 'facts'>, refused: Refused): void
}

/** How long what the audit has not stored yet may hold up a stop, ms. */
const STOP_MS = 2_000

/** Writes the audit of a site while the service runs; what is lost of it is counted. */
export function auditPart(site: string): AuditPart {
  let running: AuditTrail | undefined
  return {
    name: 'the audit',
    start({ broker, name, log, metrics }) {
      running = createAuditTrail({ broker, site, name, clock, log })
      metrics.read('meridian_auth_audit_lost_total', running.lost)
      metrics.read('meridian_auth_audit_unannounced_total', running.unannounced)
    },
    stop: untilMs => running?.stop(Math.max(0, Math.min(STOP_MS, untilMs - performance.now()))),
    trail() {
      if (running === undefined) throw new AppError('GEN_INTERNAL')
      return running
    },
    tellRefused(err, refused) {
      const event = refusalEventOf(err, refused)
      if (event !== undefined) running?.tell(event)
    }
  }
}
