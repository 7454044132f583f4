import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import { type AckRecord, COMMAND_LIMITS, isTerminal } from '@meridian/protocol/commands'
import { type Clock, utcMsOf } from '@meridian/time'
import type { Logger } from 'pino'
import type { AckChain, Written } from './ack-chain.ts'
import type { RecordLog } from './record-log.ts'
import { MAX_STAGES, type Stage } from './records.ts'

/**
 * One dispatched command until its terminal state. `open`: acknowledgements become stages, CMD_INPROGRESS
 * moves the deadline. It leaves `open` with the first terminal acknowledgement, at the deadline (noack where
 * nothing came, timeout after progress, unknown where the command was adopted), or when another commander
 * wrote a stage.
 * `closing`: the terminal stage is being stored. `ended`: all stages are stored, or `release` ended it
 * without a terminal stage, to be adopted.
 */
export interface Execution {
  readonly command: CommandRef
  /** Takes a component's acknowledgement; false where the command has already ended. */
  reply(stage: Stage): boolean
  /** Ends the command with noack, because it has reached nobody and never will; why, in words. */
  notSent(why: string): void
  /** Stops without a terminal stage, so that another commander can adopt the command. */
  release(): void
  /** Resolves when nothing more will be written. */
  readonly ended: Promise<void>
}

/** Which command is executed, and by which component. */
export interface CommandRef {
  readonly id: string
  readonly csc: string
  readonly index: number
  readonly command: string
}

/** The command, its chain of stages, and how long it may stay without an answer. */
export interface ExecutionOptions {
  readonly command: CommandRef
  readonly chain: AckChain
  /** Ms after which the command ends where no answer has come; it has passed where less than 0. */
  readonly leftMs: number
  /** Taken over from a commander that fell silent. */
  readonly adopted: boolean
  /** The last stage of its record, where it is adopted. */
  readonly last?: AckRecord
}

/** What all executions of a commander share. */
export interface ExecutionContext {
  readonly clock: Clock
  readonly log: Logger
  readonly commander: string
  readonly boot: string
  readonly replyMs: number
  /** Called after each stage that was stored. */
  readonly onStage: RecordLog['onStage']
  /** Called for each try to store one that failed. */
  readonly onWriteFailed: RecordLog['onWriteFailed']
}

/** Between two tries to store an end that the stream refuses. */
const END_RETRY_MS = 1_000
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Creates an open execution and starts its deadline timer. */
export const createExecution = (context: ExecutionContext, options: ExecutionOptions): Execution =>
  new CommandExecution(context, options)

class CommandExecution implements Execution {
  readonly command: CommandRef
  readonly ended: Promise<void>
  readonly #context: ExecutionContext
  readonly #chain: AckChain
  readonly #adopted: boolean
  #state: 'open' | 'closing' | 'ended' = 'open'
  #progressed = false
  #stages = 0
  /** By the steady clock: one that is set must not put off the end of a command. */
  #deadlineMs: number
  #timer: NodeJS.Timeout
  #writes: Promise<void> = Promise.resolve()
  #finish: () => void = () => {}

  constructor(context: ExecutionContext, { command, chain, leftMs, adopted }: ExecutionOptions) {
    this.command = command
    this.ended = new Promise(resolve => {
      this.#finish = resolve
    })
    this.#context = context
    this.#chain = chain
    this.#adopted = adopted
    // A stage read back from COMMANDS may carry any time: the wait is bounded by the longest timeout a
    // component may ask.
    const { clock, replyMs } = context
    this.#deadlineMs = clock.steadyMs() + Math.min(leftMs, COMMAND_LIMITS.timeoutSeconds * 1000 + replyMs)
    this.#timer = this.#awaitDeadline()
  }

  reply(stage: Stage): boolean {
    if (this.#state !== 'open') return false
    if (isTerminal(stage.state)) this.#close(stage)
    else this.#progress(stage)
    return true
  }

  notSent(why: string): void {
    if (this.#state === 'open') this.#close({ state: 'noack', result: why, unserved: true })
  }

  release(): void {
    clearTimeout(this.#timer)
    this.#state = 'ended'
    void this.#writes.then(this.#finish)
  }

  #awaitDeadline(): NodeJS.Timeout {
    const leftMs = Math.max(0, this.#deadlineMs - this.#context.clock.steadyMs())
    return setTimeout(() => this.#onTimer(), Math.min(leftMs, LONGEST_TIMER_MS))
  }

  #onTimer(): void {
    if (this.#context.clock.steadyMs() < this.#deadlineMs) this.#timer = this.#awaitDeadline()
    else this.#close(this.#silence())
  }

  #silence(): Stage {
    if (this.#adopted) return { state: 'unknown', result: 'its commander was lost and no answer was found' }
    if (this.#progressed) return { state: 'timeout', result: 'no further acknowledgement in time' }
    return { state: 'noack', result: `no acknowledgement within ${this.#context.replyMs / 1000} s` }
  }

  #progress(stage: Stage): void {
    const { clock, replyMs } = this.#context
    this.#progressed = true
    this.#deadlineMs = Math.max(
      this.#deadlineMs,
      clock.steadyMs() + (stage.timeoutSeconds ?? 0) * 1000 + replyMs
    )
    // Whatever a component repeats, its record stays bounded; the end is always written.
    if (++this.#stages <= MAX_STAGES) this.#store(stage)
  }

  #close(stage: Stage): void {
    clearTimeout(this.#timer)
    this.#state = 'closing'
    this.#store(stage)
    this.#writes = this.#writes.then(this.#finish)
  }

  #store(stage: Stage): void {
    const record: AckRecord = { ...stampOf(this.#context, this.command), ...stage }
    this.#writes = this.#writes.then(() => this.#write(record))
  }

  async #write(record: AckRecord): Promise<void> {
    const { log, onStage } = this.#context
    if (this.#state === 'ended') return
    try {
      const stored = await this.#storable(record)
      if (stored === 'taken') return this.#abandon()
      onStage(stored)
    } catch (err) {
      log.debug({ err, id: record.id, state: record.state }, 'stage given up')
    }
  }

  /** Stores a stage, or what is left of it without the component's text where the stream refuses it whole. */
  async #storable(record: AckRecord): Promise<AckRecord | 'taken'> {
    try {
      return (await this.#chain.write(record)) === 'taken' ? 'taken' : record
    } catch (caught) {
      if (!(caught instanceof AppError)) throw caught
      const short = { ...record, result: `the record refused the text of this stage: ${caught.code}` }
      const written = isTerminal(record.state) ? await this.#writeEnd(short) : await this.#chain.write(short)
      return written === 'taken' ? 'taken' : short
    }
  }

  /** An end is tried until it is stored: without one the command would stay open for ever. */
  async #writeEnd(record: AckRecord): Promise<Written> {
    for (;;) {
      try {
        return await this.#chain.write(record)
      } catch (caught) {
        if (!(caught instanceof AppError) || this.#state === 'ended') throw caught
        await sleep(END_RETRY_MS, undefined, { ref: false })
      }
    }
  }

  #abandon(): void {
    this.#context.log.warn({ id: this.command.id }, 'another commander executes this command')
    clearTimeout(this.#timer)
    this.#state = 'ended'
    this.#finish()
  }
}

/** The fields of a stage that do not come from the component. */
export function stampOf(
  { clock, commander, boot }: Pick<ExecutionContext, 'clock' | 'commander' | 'boot'>,
  { id, csc, index, command }: CommandRef
): Omit<AckRecord, 'state'> {
  return { id, csc, index, command, time: clock.taiSeconds(), commander, boot }
}

/** UTC ms until which a command whose last stage is `record` may still be answered. */
export const deadlineOf = (record: AckRecord, replyMs: number): number =>
  utcMsOf(record.time) + (record.timeoutSeconds ?? 0) * 1000 + replyMs
