import { setTimeout as sleep } from 'node:timers/promises'
import { askPatiently, type Broker, lastMessage, readStream } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import {
  type AckRecord,
  type CommandHistory,
  isTerminal,
  parseAckRecord,
  parseIntakeRecord,
  type RecordMessage,
  readRecord
} from '@meridian/protocol/commands'
import { ackByIdOf, ackOf, intakeByIdOf, subjectTable } from '@meridian/subjects'

/** Reads the record of commands of one site. */
export interface CommandRecords {
  /**
   * The record of one command; of one with thousands of stages the first ones and the last. Throws
   * CMD_NOT_FOUND, and CMD_BAD_RECORD where somebody else wrote under its id.
   */
  read(id: string): Promise<CommandHistory>
  /**
   * Begins to watch for the end of a command. Call it before the command is sent, so that no end is missed.
   */
  watchEnd(id: string): EndWatch
}

/** Waits for the terminal stage of one command. */
export interface EndWatch {
  /** The record once the command has ended; undefined after `waitMs`, or when `signal` aborts. */
  wait(waitMs: number, signal: AbortSignal): Promise<CommandHistory | undefined>
  stop(): void
}

/** The broker and site whose records are read. */
export interface CommandRecordsOptions {
  /** Throws BRK_UNAVAILABLE while the broker is away. */
  readonly broker: () => Broker
  readonly site: string
  /** Ms in which a slow broker is asked again for one record. */
  readonly readMs: number
  /**
   * Called for each message on `ack.` that is not a stage. It is skipped: any client of the broker may have
   * written it.
   */
  readonly onBad: (err: AppError, subject: string) => void
}

const COMMANDS = subjectTable.ack.stream
const READ_LIMITS = { maxMessages: 2_000, maxBytes: 8_388_608, timeoutMs: 3_000 }
/**
 * The terminal stage reaches subscribers a moment before the stream can be read for it: reading is retried.
 */
const STORED_MS = [0, 20, 100, 500]

/** Creates a reader; it asks for the broker at each call. */
export function createCommandRecords({ broker, site, readMs, onBad }: CommandRecordsOptions): CommandRecords {
  const readStage = (message: RecordMessage): AckRecord | undefined =>
    readRecord(parseAckRecord, message, err => onBad(err, message.subject))

  const read = (id: string): Promise<CommandHistory> =>
    askPatiently(broker(), () => readOnce(id), { untilMs: performance.now() + readMs })

  async function readOnce(id: string): Promise<CommandHistory> {
    const accepted = await lastMessage(broker(), COMMANDS, intakeByIdOf(site, id))
    if (accepted === undefined) throw new AppError('CMD_NOT_FOUND', { detail: `'${id}'`, id })
    const intake = parseIntakeRecord(accepted)
    const stages: AckRecord[] = []
    const subject = ackOf(intake, id)
    const what = { stream: COMMANDS, subjects: [subject], from: { seq: accepted.seq + 1 } }
    const take = (message: RecordMessage): void => {
      const stage = readStage(message)
      if (stage !== undefined) stages.push(stage)
    }
    let readSeq = accepted.seq
    for await (const message of readStream(broker(), { ...what, ...READ_LIMITS })) {
      take(message)
      readSeq = message.seq
    }
    // The state is that of the last stage, also where the bounds end the reading before it.
    const last = await lastMessage(broker(), COMMANDS, subject)
    if (last !== undefined && last.seq > readSeq) take(last)
    return { id, state: stages.at(-1)?.state ?? 'accepted', intake, stages }
  }

  async function readEnded(id: string): Promise<CommandHistory | undefined> {
    for (const ms of STORED_MS) {
      await sleep(ms)
      const record = await read(id)
      if (isTerminal(record.state)) return record
    }
    return undefined
  }

  /** Hundreds may wait for one end: they share the reading of it. */
  const ends = new Map<string, ReturnType<typeof readEnded>>()
  function readEnd(id: string): ReturnType<typeof readEnded> {
    const end = ends.get(id) ?? readEnded(id).finally(() => ends.delete(id))
    ends.set(id, end)
    return end
  }

  return {
    read,
    watchEnd(id) {
      const wake = new AbortController()
      let ended = false
      const subscription = broker().subscribe(ackByIdOf(site, id), message => {
        const stage = readStage(message)
        if (stage === undefined || !isTerminal(stage.state)) return
        ended = true
        wake.abort()
      })
      return {
        async wait(waitMs, signal) {
          const giveUp = (): void => wake.abort()
          signal.addEventListener('abort', giveUp, { once: true })
          if (signal.aborted) giveUp()
          await sleep(waitMs, undefined, { signal: wake.signal }).catch(() => undefined)
          signal.removeEventListener('abort', giveUp)
          return ended ? readEnd(id) : undefined
        },
        stop: () => subscription.unsubscribe()
      }
    }
  }
}
