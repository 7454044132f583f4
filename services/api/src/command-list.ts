import { askPatiently, type StreamMessage, streamState } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import {
  type AckRecord,
  type CommandHistory,
  type IntakeRecord,
  parseAckRecord,
  parseIntakeRecord,
  readRecord
} from '@meridian/protocol/commands'
import type { CommandListAnswer } from '@meridian/protocol/http'
import { classOf, intakesOf, subjectTable } from '@meridian/subjects'
import type { RecordReading } from './event-list.ts'
import { patienceOf, readNewestFirst } from './newest-first.ts'

/** Whose commands are wanted, and how many at most. */
export interface CommandListQuery {
  /** Patterns of the stages: `ack.<site>.<csc>.<index>.<id>`, any of the last three `*`. */
  readonly stages: readonly string[]
  readonly limit: number
}

/** Where the list is read, and whom to tell of messages that are no records. */
export interface CommandReading extends RecordReading {
  readonly onBad: (err: AppError, subject: string) => void
}

const COMMANDS = subjectTable.ack.stream
/** Size of a record, and messages that one command has, to begin with. */
const RECORD_BYTES = 500
const MESSAGES_PER_COMMAND = 5

/**
 * Reads the commands accepted last, newest first, each with its stages. All stages of a command are stored
 * behind it, so a read from the newest message back has them when it meets the command. Throws the broker's
 * errors.
 */
export async function readCommandList(
  { broker, limits, signal, onBad }: CommandReading,
  { limit, stages: wanted }: CommandListQuery
): Promise<CommandListAnswer> {
  const patience = patienceOf(limits, signal)
  const ask = (): ReturnType<typeof streamState> => streamState(broker, COMMANDS)
  const { epoch, lastSeq: toSeq } = await askPatiently(broker, ask, patience)
  const commands: CommandHistory[] = []
  const stages = createStages(onBad)
  let window: StreamMessage[] = []
  const end = await readNewestFirst(
    {
      ...{ broker, limits, patience, firstWindow: (limit + 1) * MESSAGES_PER_COMMAND },
      onMessage: message => window.push(message),
      onWindow() {
        for (const message of window.reverse()) {
          const intake = stages.take(message)
          if (intake !== undefined) commands.push(historyOf(intake, stages.of(intake)))
        }
        window = []
      },
      isEnough: () => commands.length > limit
    },
    {
      stream: COMMANDS,
      epoch,
      subjects: [...wanted, ...wanted.map(intakesOf)],
      fromUs: 0,
      toSeq,
      hasNewer: false,
      messageBytes: RECORD_BYTES
    }
  )
  return {
    commands: commands.slice(0, limit),
    complete: end === 'all' && commands.length <= limit
  }
}

function historyOf(intake: IntakeRecord, stages: readonly AckRecord[]): CommandHistory {
  return { id: intake.id, state: stages.at(-1)?.state ?? 'accepted', intake, stages }
}

/** Gathers stages, newest first, until their command comes. */
function createStages(onBad: CommandReading['onBad']) {
  const byId = new Map<string, AckRecord[]>()
  return {
    /** Takes a message of the record: keeps a stage, gives what was accepted. */
    take(message: StreamMessage): IntakeRecord | undefined {
      const report = (err: AppError): void => onBad(err, message.subject)
      if (classOf(message.subject) === 'intake') return readRecord(parseIntakeRecord, message, report)
      const stage = readRecord(parseAckRecord, message, report)
      if (stage === undefined) return undefined
      const known = byId.get(keyOf(stage))
      if (known === undefined) byId.set(keyOf(stage), [stage])
      else known.push(stage)
      return undefined
    },
    /** The stages of a command, oldest first. */
    of: (intake: IntakeRecord): readonly AckRecord[] => (byId.get(keyOf(intake)) ?? []).toReversed()
  }
}

/** An id belongs to one component: somebody else's stage under it is not one of the command. */
const keyOf = ({ id, csc, index }: Pick<AckRecord, 'id' | 'csc' | 'index'>): string => `${csc}:${index}:${id}`
