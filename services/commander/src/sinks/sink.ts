import type { Catalogue } from '@meridian/catalogue'
import type { Code } from '@meridian/errors'
import type { IntakeRecord } from '@meridian/protocol/commands'
import type { SalConfig } from '@meridian/sal'
import type { Readiness, ServiceContext } from '@meridian/service'
import type { Stage } from '../records.ts'

/** What a sink tells of commands, those of other commanders included. Nothing of it throws. */
export interface SinkHandlers {
  /** A component has acknowledged a command. */
  readonly onStage: (id: string, stage: Stage) => void
  /** A command reached nobody, and never will; why, in words. */
  readonly onNotSent: (id: string, why: string) => void
  /** Something came that is no acknowledgement. */
  readonly onBadReply: (error: unknown, facts: Readonly<Record<string, unknown>>) => void
  /** What the sink stands on does not answer as it must; it is tried again. */
  readonly onFailure: (code: Code, why: string) => void
}

/** How a traced command is told from others, on transports that carry it. */
export interface SendOptions {
  readonly headers?: Readonly<Record<string, string>>
}

/** Where commands go. It knows its transport and nothing of records. */
export interface Sink {
  /** How logs and `/readyz` name it. */
  readonly name: string
  /** Resolves when no acknowledgement of what is sent from now on is missed. */
  start(context: ServiceContext, handlers: SinkHandlers): Promise<void>
  /** Sends a command, once and in the order of the calls for one component. Never throws: what is not sent is told. */
  send(intake: IntakeRecord, options: SendOptions): void
  stop(): Promise<void>
  /** Called for each `/readyz`; default: ready once started. */
  readiness?(): Readiness
}

/** What every sink is made from. */
export interface SinkOptions {
  readonly site: string
  readonly catalogue: Catalogue
  readonly config: SalConfig
}
