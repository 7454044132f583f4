import type { StreamMessage } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import {
  type AckRecord,
  type IntakeRecord,
  isTerminal,
  parseAckRecord,
  parseIntakeRecord,
  readRecord
} from '@meridian/protocol/commands'
import { classOf } from '@meridian/subjects'

/** A command without a terminal stage in COMMANDS. */
export interface OpenCommand {
  readonly id: string
  /** Undefined where the command was accepted before the oldest record that this commander read. */
  readonly intake: IntakeRecord | undefined
  /** The last stage; undefined while the command waits in its partition. */
  readonly last: AckRecord | undefined
  /** Sequence of `last` in COMMANDS; 0 without one. */
  readonly lastSeq: number
}

/** All open commands of the site, kept from the stream of records by one follower. */
export interface OpenCommands {
  /** Takes the next message of the stream. */
  observe(message: StreamMessage): void
  size(): number
  list(): Iterable<OpenCommand>
  get(id: string): OpenCommand | undefined
  /** Forgets everything, because the follower is about to read the stream again. */
  reset(): void
}

/**
 * Creates an empty table. `onStage` is called for every stage, `onBad` for every message that is not a
 * record.
 */
export function createOpenCommands(
  onStage: (record: AckRecord, seq: number) => void,
  onBad: (subject: string, err: AppError) => void = () => {}
): OpenCommands {
  const open = new Map<string, OpenCommand>()

  function observeIntake(message: StreamMessage): void {
    const intake = readRecord(parseIntakeRecord, message, err => onBad(message.subject, err))
    if (intake === undefined) return
    const { last, lastSeq = 0 } = open.get(intake.id) ?? {}
    open.set(intake.id, { id: intake.id, intake, last, lastSeq })
  }

  function observeAck(message: StreamMessage): void {
    const { seq } = message
    const last = readRecord(parseAckRecord, message, err => onBad(message.subject, err))
    if (last === undefined) return
    if (isTerminal(last.state)) open.delete(last.id)
    else open.set(last.id, { id: last.id, intake: open.get(last.id)?.intake, last, lastSeq: seq })
    onStage(last, seq)
  }

  return {
    observe(message) {
      if (classOf(message.subject) === 'intake') observeIntake(message)
      else observeAck(message)
    },
    size: () => open.size,
    list: () => open.values(),
    get: id => open.get(id),
    reset: () => open.clear()
  }
}
