import { randomFillSync } from 'node:crypto'
import { isReadableRecord, type Principal, type Rights } from '@meridian/auth'
import { append, type Broker, lastMessage } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import {
  type CommandAccepted,
  type CommandAsk,
  exactJsonOf,
  type IntakeRecord,
  parseIntakeRecord,
  readRecord
} from '@meridian/protocol/commands'
import { ackOf, intakeByIdOf, intakeOf } from '@meridian/subjects'
import type { Clock } from '@meridian/time'
import { ulid } from 'ulid'
import type { CheckedCommand, Target } from './check-command.ts'
import { COMMANDS, canonical } from './records.ts'

/**
 * Where accepted commands are written, `name`, the `acceptedBy` of their records, and the rights by which an asker is
 * told of another one.
 */
export interface AcceptContext {
  readonly broker: Broker
  readonly site: string
  readonly name: string
  readonly clock: Clock
  readonly rights: Pick<Rights, 'mayCommand' | 'readable'>
}

/** A parsed request and the principal it is made for. */
interface Ask extends CommandAsk {
  readonly principal: Principal
}

/** A checked request that may become a command. */
export interface Candidate {
  /** The asker's id, or a new one. */
  readonly id: string
  readonly target: Target
  readonly ask: Ask
  readonly checked: CheckedCommand
  /** Headers that are stored with the command: those of its trace. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined
}

/** A new command id: a ULID in lower case. */
export const newId = (): string => ulid(undefined, randomShare).toLowerCase()

const random = new Uint8Array(1_024)
let nextRandom = random.length

/** A random number from 0 to below 1, from a pool: ulid by itself asks the system for each character. */
function randomShare(): number {
  if (nextRandom === random.length) {
    randomFillSync(random)
    nextRandom = 0
  }
  return (random[nextRandom++] as number) / 256
}

/**
 * Stores a command with one write, which the stream refuses when the id was used before
 * [docs/commands.md#acceptance]. A repeated request with the same content gets the first answer with
 * `duplicate: true`. Throws CMD_DUPLICATE_ID for other content, and the broker's errors.
 */
export async function acceptCommand(context: AcceptContext, candidate: Candidate): Promise<CommandAccepted> {
  const record = recordOf(context, candidate)
  const { site } = context
  try {
    await append(context.broker, {
      subject: intakeOf(candidate.target, record.id),
      data: exactJsonOf(record),
      ...(candidate.headers !== undefined && { headers: candidate.headers }),
      expect: { seq: 0, filter: intakeByIdOf(site, record.id) },
      timeoutMs: writeMs(context.clock, candidate.ask)
    })
    return answerOf(record, false)
  } catch (err) {
    if (!(err instanceof AppError) || err.code !== 'BRK_WRONG_SEQUENCE') throw err
    const stored = await storedCommand(context, record.id)
    if (stored === undefined) throw err
    return answerOfStored(context, candidate, { record, stored })
  }
}

/**
 * The answer to a request that repeats an accepted command; undefined where no command of that id was
 * accepted. Used when a check that passed the first time fails now, such as for a component that has gone
 * offline.
 */
export async function repeatedAnswer(
  context: AcceptContext,
  candidate: Candidate
): Promise<CommandAccepted | undefined> {
  if (candidate.ask.id === undefined) return undefined
  const stored = await storedCommand(context, candidate.id)
  if (stored === undefined) return undefined
  return answerOfStored(context, candidate, { record: recordOf(context, candidate), stored })
}

/** All tries of the write; none begins once the asker waits no longer. */
const WRITE_MS = 5_000

const writeMs = (clock: Clock, { acceptBy = Number.POSITIVE_INFINITY }: CommandAsk): number =>
  Math.max(1, Math.min(WRITE_MS, (acceptBy - clock.taiSeconds()) * 1_000))

let lastAcceptedAt = 0
/** A clock that went back by more, seconds, was set: what it says now counts. */
const CLOCK_SET_SECONDS = 1

/**
 * The time now, TAI seconds, but another than any given lately: two requests of this commander never make
 * equal records.
 */
export function momentOf(clock: Pick<Clock, 'taiSeconds'>): number {
  const now = clock.taiSeconds()
  const isSet = lastAcceptedAt - now > CLOCK_SET_SECONDS
  lastAcceptedAt = isSet ? now : Math.max(now, lastAcceptedAt + 1e-6)
  return lastAcceptedAt
}

function recordOf({ site, name, clock }: AcceptContext, candidate: Candidate): IntakeRecord {
  const { id, target, ask, checked } = candidate
  const acceptedAt = momentOf(clock)
  return {
    id,
    site,
    csc: target.csc,
    index: target.index,
    command: target.command,
    params: checked.params,
    principal: ask.principal.name,
    ...(ask.principal.proof && { identity: `${ask.principal.name}@${ask.principal.proof.host}` }),
    door: ask.door,
    acceptedAt,
    notAfter: acceptedAt + ask.notAfterSeconds,
    acceptedBy: name,
    ...(checked.defaults.length > 0 && { defaults: checked.defaults })
  }
}

/** The accepted command of an id, whatever its component. */
async function storedCommand(
  { broker, site }: Pick<AcceptContext, 'broker' | 'site'>,
  id: string
): Promise<IntakeRecord | undefined> {
  const message = await lastMessage(broker, COMMANDS, intakeByIdOf(site, id))
  return message && readRecord(parseIntakeRecord, message)
}

function answerOfStored(
  { rights }: AcceptContext,
  { ask: { principal } }: Candidate,
  { record, stored }: { readonly record: IntakeRecord; readonly stored: IntakeRecord }
): CommandAccepted {
  // The stored record is this one: its first write succeeded, but the broker's answer was lost and it was
  // retried.
  if (canonical(stored) === canonical(record)) return answerOf(stored, false)
  if (contentOf(stored) === contentOf(record)) return answerOf(stored, true)
  throw duplicateId(stored, isReadableRecord({ rights, principal }, stored))
}

/** Which command has the id is named where its record may be read. */
function duplicateId({ id, csc, index, command }: IntakeRecord, isReadable: boolean): AppError {
  if (!isReadable) return new AppError('CMD_DUPLICATE_ID', { detail: id, id })
  const detail = `${id} is ${csc}:${index} ${command}`
  return new AppError('CMD_DUPLICATE_ID', { detail, id, csc, index, command })
}

const contentOf = ({ csc, index, command, params, principal }: IntakeRecord): string =>
  canonical([csc, index, command, params, principal])

function answerOf(record: IntakeRecord, duplicate: boolean): CommandAccepted {
  const { id, acceptedAt, notAfter, defaults } = record
  return {
    id,
    state: 'accepted',
    acceptedAt,
    notAfter,
    ackSubject: ackOf(record, id),
    duplicate,
    ...(defaults !== undefined && { defaults })
  }
}
