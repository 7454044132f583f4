import { setTimeout as sleep } from 'node:timers/promises'
import { append, type Broker, lastMessage } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { type AckRecord, parseAckRecord, readRecord } from '@meridian/protocol/commands'
import { type InstanceRef, ackOf as subjectOf } from '@meridian/subjects'
import type { RecordLog } from './record-log.ts'
import { COMMANDS, canonical } from './records.ts'

/** `written`: the stage is stored. `taken`: another commander stored a stage in its place. */
export type Written = 'written' | 'taken'

/**
 * The stages of one command, each written against the sequence of the one before [docs/commands.md#stages].
 * One write at a time.
 */
export interface AckChain {
  /**
   * Stores one stage; retries until the broker has it. Rejects when the signal aborts, and with an AppError
   * where the stream refuses the stage for good. After `taken` the chain must not be used any more.
   */
  write(record: AckRecord): Promise<Written>
}

/** Which command the stages belong to, and the sequence that the next write expects. */
export interface ChainOptions {
  readonly broker: Broker
  readonly target: InstanceRef
  readonly id: string
  /** Sequence of the last stage; 0: there is none. */
  readonly lastSeq: number
  /** Told of each try that failed. */
  readonly onWriteFailed: RecordLog['onWriteFailed']
  readonly signal: AbortSignal
}

const RETRY_MS = 250

/** Creates the chain of one command; its first write expects `lastSeq` to be the last stage's sequence. */
export function createAckChain({
  broker,
  target,
  id,
  lastSeq,
  onWriteFailed,
  signal
}: ChainOptions): AckChain {
  const subject = subjectOf(target, id)
  let seq = lastSeq

  async function attempt(record: AckRecord): Promise<Written> {
    try {
      seq = (await append(broker, { subject, data: JSON.stringify(record), expect: { seq } })).seq
      return 'written'
    } catch (err) {
      if (!(err instanceof AppError) || err.code !== 'BRK_WRONG_SEQUENCE') throw err
      return ownOrTaken(record, err)
    }
  }

  /**
   * A refusal may be our own success of an attempt whose answer was lost
   * [docs/nats.md#comparing-and-setting]. What is no stage was written by no commander: the next try, which the refusal
   * tells of, goes behind it [adr/0018].
   */
  async function ownOrTaken(record: AckRecord, refusal: AppError): Promise<Written> {
    const last = await lastMessage(broker, COMMANDS, subject)
    if (last === undefined) return 'taken'
    const stored = readRecord(parseAckRecord, last)
    if (stored !== undefined && canonical(stored) !== canonical(record)) return 'taken'
    seq = last.seq
    if (stored === undefined) throw refusal
    return 'written'
  }

  return {
    async write(record) {
      for (;;) {
        signal.throwIfAborted()
        try {
          return await attempt(record)
        } catch (caught) {
          const err = AppError.from(caught)
          onWriteFailed(id, err, !err.entry.canRetry)
          if (!err.entry.canRetry) throw err
          await sleep(RETRY_MS, undefined, { signal })
        }
      }
    }
  }
}
