import { AppError } from '@meridian/errors'
import { parseSubject, partitionOf, type Subject } from '@meridian/subjects'
import { objectSchema } from '../object-schema.ts'
import { parseAs, readJson } from '../parse.ts'
import { findProblem, type JsonObject } from '../schema.ts'
import { COMMAND_STATES, type CommandState } from './command-states.ts'
import { COMMAND_LIMITS } from './limits.ts'
import {
  commandId,
  commandName,
  commandParams,
  flag,
  instanceIndex,
  names,
  number,
  text,
  wholeNumber
} from './values.ts'

/** The accepted command, kept on `intake.`. Times are TAI seconds. */
export interface IntakeRecord {
  readonly id: string
  readonly site: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly params: JsonObject
  readonly principal: string
  /** Who asks in SAL's form `user@host`, as the component is told; absent where nobody logs in. */
  readonly identity?: string
  readonly door: string
  readonly acceptedAt: number
  readonly notAfter: number
  readonly acceptedBy: string
  /** Parameters that the asker left out and that got SAL's defaults. */
  readonly defaults?: readonly string[]
}

/**
 * One later stage of a command, kept on `ack.`. Times are TAI seconds; `ack`, `error`, `result` and
 * `timeoutSeconds` are SAL's.
 */
export interface AckRecord {
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly command: string
  readonly state: Exclude<CommandState, 'accepted'>
  readonly time: number
  readonly commander: string
  readonly boot: string
  readonly ack?: number
  readonly error?: number
  readonly result?: string
  readonly timeoutSeconds?: number
  /** True for a `noack` that nobody served the component: the command reached nobody, and is not carried out. */
  readonly unserved?: boolean
}

/** The record of one command: what was accepted, then each later stage, oldest first. */
export interface CommandHistory {
  readonly id: string
  readonly state: CommandState
  readonly intake: IntakeRecord
  readonly stages: readonly AckRecord[]
}

/** The subject and the bytes of a message from which a record or a request is read. */
export interface RecordMessage {
  readonly subject: string
  readonly data: Uint8Array
}

const command = { id: commandId, csc: commandName, index: instanceIndex, command: commandName }

/** Checks an accepted command as it is stored on `intake.`; properties that are not named are let through. */
export const intakeRecordSchema = objectSchema<IntakeRecord>({
  required: {
    ...command,
    site: text,
    params: commandParams,
    principal: text,
    door: text,
    acceptedAt: number,
    notAfter: number,
    acceptedBy: text
  },
  optional: { defaults: names, identity: text }
})

/** Checks one stage of a command as it is stored on `ack.`; no stage there is `accepted`. */
export const ackRecordSchema = objectSchema<AckRecord>({
  required: {
    ...command,
    state: { type: 'string', enum: COMMAND_STATES.filter(state => state !== 'accepted') },
    time: number,
    commander: text,
    boot: text
  },
  optional: {
    ack: wholeNumber,
    error: wholeNumber,
    result: text,
    timeoutSeconds: { type: 'number', minimum: 0, maximum: COMMAND_LIMITS.timeoutSeconds },
    unserved: flag
  }
})

/** Checks a command together with all of its stages, as the api answers it. */
export const commandHistorySchema = objectSchema<CommandHistory>({
  required: {
    id: commandId,
    state: { type: 'string', enum: COMMAND_STATES },
    intake: intakeRecordSchema,
    stages: { type: 'array', items: ackRecordSchema }
  },
  optional: {}
})

/** True for a stage of a command, for readers that ask no more than that. */
export const isAckRecord = (value: unknown): value is AckRecord =>
  findProblem(ackRecordSchema, value) === undefined

/** True for an accepted command, for readers that ask no more than that. */
export const isIntakeRecord = (value: unknown): value is IntakeRecord =>
  findProblem(intakeRecordSchema, value) === undefined

/**
 * Reads an accepted command out of the stream. Whoever reaches the broker may have written there: throws
 * CMD_BAD_RECORD where it is not one, or not the one that its subject names.
 */
export function parseIntakeRecord({ subject, data }: RecordMessage): IntakeRecord {
  const at = addressOf(subject)
  const record = parseAs<IntakeRecord>(intakeRecordSchema, readJson(data, BAD), BAD)
  const isInPlace = at.class === 'intake' && at.site === record.site && at.partition === partitionOf(at)
  if (!isInPlace || !isAbout(record, at)) throw new AppError(BAD, { detail: 'not where it belongs' })
  return record
}

/**
 * Reads a stage out of the stream. Throws CMD_BAD_RECORD where it is not one, or not of the command that its
 * subject names.
 */
export function parseAckRecord({ subject, data }: RecordMessage): AckRecord {
  const at = addressOf(subject)
  const record = parseAs<AckRecord>(ackRecordSchema, readJson(data, BAD), BAD)
  if (at.class !== 'ack' || !isAbout(record, at)) throw new AppError(BAD, { detail: 'not where it belongs' })
  return record
}

/**
 * What `parse` reads in a message, or undefined after `onBad` was told why not: junk in a stream is skipped
 * and ends nothing.
 */
export function readRecord<T>(
  parse: (message: RecordMessage) => T,
  message: RecordMessage,
  onBad: (err: AppError) => void = () => {}
): T | undefined {
  try {
    return parse(message)
  } catch (caught) {
    onBad(AppError.from(caught))
    return undefined
  }
}

const BAD = 'CMD_BAD_RECORD'

function addressOf(subject: string): Subject {
  try {
    return parseSubject(subject)
  } catch (cause) {
    throw new AppError(BAD, { cause, detail: 'not on a subject of commands' })
  }
}

/** The record stands where a command of this id to this instance belongs. */
const isAbout = (
  record: { readonly id: string; readonly csc: string; readonly index: number },
  at: { readonly id: string; readonly csc: string; readonly index: number }
): boolean => record.id === at.id && record.csc === at.csc && record.index === at.index
