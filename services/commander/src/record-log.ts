import type { AppError } from '@meridian/errors'
import { type AckRecord, isTerminal } from '@meridian/protocol/commands'
import type { Metrics } from '@meridian/service'
import type { Logger } from 'pino'

/** Logs and counts the stages that this commander writes, and the messages in the record that cannot be read. */
export interface RecordLog {
  /** A stage was written by this commander. */
  onStage(record: AckRecord): void
  /** A message in the record that nobody of us wrote; it is left where it is. */
  onBadRecord(subject: string, err: AppError): void
}

const MAX_SUBJECT = 120

/** A record log that writes to `log` and counts in `metrics`. */
export function createRecordLog(log: Logger, metrics: Metrics): RecordLog {
  return {
    onStage(record) {
      metrics.counter('meridian_commander_stages_total').inc({ state: record.state })
      const { id, csc, index, command, state, ack, result } = record
      const facts = { id, csc, index, command, state, ack, result }
      if (isTerminal(state)) log.info(facts, 'command ended')
      else log.debug(facts, 'command stage')
    },
    // Its text may be anything, so the log gets only where it stands.
    onBadRecord(subject, err) {
      metrics.counter('meridian_commander_bad_records_total').inc()
      log.debug(
        { code: err.code, subject: subject.slice(0, MAX_SUBJECT) },
        'message in the record is no record'
      )
    }
  }
}
