import type { Catalogue } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { IntakeRecord } from '@meridian/protocol/commands'
import { createRegistry, type LogReader, type SalAccess, tryUntilDone } from '@meridian/sal'
import { createLogWriter, type LogWriter } from '@meridian/sal/writing'
import { systemClock, utcMsOf } from '@meridian/time'
import type { SinkHandlers } from '../sink.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { type CommandRecords, createCommandRecords } from './command-records.ts'

/** Commands on their way to Kafka, and acknowledgements on theirs back. */
export interface KafkaCommands {
  /** Resolves when no acknowledgement of what is sent from now on is missed. Tries until Kafka is there. */
  begin(): Promise<void>
  send(intake: IntakeRecord): void
  stop(): Promise<void>
  /** Ms since Kafka answered last. */
  silentMs(): number
}

/** How Kafka is reached, what can be commanded, and who is told. */
export interface KafkaCommandsOptions {
  readonly access: SalAccess
  readonly catalogue: Catalogue
  readonly handlers: SinkHandlers
}

/** An open command may be as old as a day: its answers are read again at the start. */
const LOOK_BACK_MS = 86_400_000

/** Makes one; nothing is opened yet. */
export const createKafkaCommands = (options: KafkaCommandsOptions): KafkaCommands => new Commands(options)

class Commands implements KafkaCommands {
  readonly #handlers: SinkHandlers
  readonly #records: CommandRecords
  readonly #writer: LogWriter
  readonly #reader: LogReader
  readonly #ending = new AbortController()
  /** By component, the command that is being written. */
  readonly #turns = new Map<string, Promise<void>>()

  constructor({ access, catalogue, handlers }: KafkaCommandsOptions) {
    const registry = createRegistry(access.registry)
    const { subname } = access
    this.#handlers = handlers
    this.#records = createCommandRecords({ registry, catalogue, subname, clock: systemClock })
    this.#writer = createLogWriter(access.kafka)
    this.#reader = createAcknowledgements({
      ...{ access, registry, catalogue, handlers },
      sinceMs: systemClock.nowMs() - LOOK_BACK_MS,
      stopping: this.#ending.signal
    })
  }

  async begin(): Promise<void> {
    const { signal } = this.#ending
    const failed = ({ code, message }: AppError): void => this.#handlers.onFailure(code, message)
    await tryUntilDone(() => this.#reader.start(), {
      stopping: signal,
      failed,
      mayPass: () => true
    }).catch(error => {
      if (!signal.aborted) throw error
    })
  }

  send(intake: IntakeRecord): void {
    const component = `${intake.csc}:${intake.index}`
    const turn = (this.#turns.get(component) ?? Promise.resolve()).then(() => this.#write(intake))
    this.#turns.set(component, turn)
    void turn.then(() => this.#turns.get(component) === turn && this.#turns.delete(component))
  }

  async stop(): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#turns.values())
    await Promise.all([this.#reader.stop(), this.#writer.close()])
  }

  silentMs(): number {
    return this.#reader.silentMs()
  }

  async #write(intake: IntakeRecord): Promise<void> {
    const { onNotSent, onFailure } = this.#handlers
    const record = await this.#records.of(intake).catch(error => this.#tellNotSent(intake, error))
    if (record === undefined) return
    // The registry may have let it wait.
    if (systemClock.nowMs() > utcMsOf(intake.notAfter))
      onNotSent(intake.id, 'not sent: notAfter passed before it could be written')
    // Whether it was written is not known where that fails: what the component answers, or its silence, decides.
    else await this.#writer.write(record).catch((error: AppError) => onFailure(error.code, error.message))
  }

  #tellNotSent({ id, csc }: IntakeRecord, error: unknown): undefined {
    const { code, message } = AppError.from(error)
    const why = code === 'SAL_NO_SCHEMA' ? `${csc} has registered no such command` : message
    this.#handlers.onNotSent(id, `not sent: ${why}`)
    if (code === 'SAL_REGISTRY') this.#handlers.onFailure(code, message)
    return undefined
  }
}
