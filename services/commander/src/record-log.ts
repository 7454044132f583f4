import { createRarely } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import { type AckRecord, isTerminal } from '@meridian/protocol/commands'
import type { Metrics } from '@meridian/service'
import type { Logger } from 'pino'

/**
 * Logs and counts the stages that this commander writes, and the messages in the record that cannot be read.
 * What may be due with every message or every try has a line a minute at most, with how often it was due.
 */
export interface RecordLog {
  /** Called after each stage that this commander wrote. */
  onStage(record: AckRecord): void
  /** Called for a message in COMMANDS that is not a record. It stays in the stream. */
  onBadRecord(subject: string, err: AppError): void
  /** Called for a command that its partition handed over and that cannot be dispatched, for nobody can read it. */
  onBadIntake(subject: string, err: AppError): void
  /** Called for each try to write a stage that failed; `isLast`: no other follows, and it is not stored. */
  onWriteFailed(id: string, err: AppError, isLast: boolean): void
}

const MAX_SUBJECT = 120
/** A line of each kind in this time. */
export const LOG_EVERY_MS = 60_000

/** A record log that writes to `log` and counts in `metrics`. */
export function createRecordLog(log: Logger, metrics: Metrics): RecordLog {
  const rarely = createRarely({ everyMs: LOG_EVERY_MS })
  return {
    onStage(record) {
      metrics.counter('meridian_commander_stages_total').inc({ state: record.state })
      const { id, csc, index, command, state, ack, result } = record
      const facts = { id, csc, index, command, state, ack, result }
      if (isTerminal(state)) log.info(facts, 'command ended')
      else log.debug(facts, 'command stage')
    },
    // Anybody may have written its text, so only its subject is logged.
    onBadRecord(subject, err) {
      metrics.counter('meridian_commander_bad_records_total').inc()
      log.debug(
        { code: err.code, subject: subject.slice(0, MAX_SUBJECT) },
        'message in COMMANDS is not a record'
      )
    },
    onBadIntake(subject, { code }) {
      rarely(`bad intake ${code}`, times =>
        log.error({ code, subject: subject.slice(0, MAX_SUBJECT), times }, 'accepted command cannot be read')
      )
    },
    onWriteFailed(id, err, isLast) {
      const outcome = isLast ? 'given up' : 'tried again'
      metrics.counter('meridian_commander_write_failures_total').inc({ outcome })
      rarely(`${outcome} ${err.code}`, times =>
        isLast
          ? log.error({ err, id, times }, 'stage not stored')
          : log.warn({ err, id, times }, 'stage not written, trying again')
      )
    }
  }
}
