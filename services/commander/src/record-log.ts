import type { AppError } from '@meridian/errors'
import { type AckRecord, isTerminal } from '@meridian/protocol/commands'
import type { Metrics } from '@meridian/service'
import type { Logger } from 'pino'

/**
 * Logs and counts the stages that this commander writes, and the messages in the record that cannot be read.
 */
export interface RecordLog {
  /** Called after each stage that this commander wrote. */
  onStage(record: AckRecord): void
  /** Called for a message in COMMANDS that is not a record. It stays in the stream. */
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
    // Anybody may have written its text, so only its subject is logged.
    onBadRecord(subject, err) {
      metrics.counter('meridian_commander_bad_records_total').inc()
      log.debug(
        { code: err.code, subject: subject.slice(0, MAX_SUBJECT) },
        'message in COMMANDS is not a record'
      )
    }
  }
}
