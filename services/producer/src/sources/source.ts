import type { ServiceEndpoint } from '@meridian/broker'
import type { Code } from '@meridian/errors'
import type { Fields } from '@meridian/msgpack'
import type { ServiceContext } from '@meridian/service'
import type { Assignment } from '../assignment.ts'
import type { SourceTopic } from './source-topic.ts'

/** What a component says beside its public fields [docs/sal.md#private-fields]. Undefined: it did not say. */
export interface SourceStamps {
  /** Time at the source, TAI seconds. */
  readonly sndStamp: number | undefined
  readonly seqNum: number | undefined
  readonly origin: number | undefined
  readonly identity: string | undefined
  readonly revCode: string | undefined
}

/** One thing that a component said, whatever carried it. */
export interface SourceMessage {
  readonly topic: SourceTopic
  readonly stamps: SourceStamps
  /** Public fields by name. SAL's private ones may stand among them: the pipeline leaves them out. */
  readonly fields: Readonly<Fields>
}

/** Why something that came in became no message. */
export type SourceFault = Extract<Code, 'PRD_BAD_SUBJECT' | 'PRD_BAD_PAYLOAD'>

/** What a source calls. Neither throws. */
export interface SourceHandlers {
  readonly onMessage: (message: SourceMessage) => void
  readonly onFault: (code: SourceFault, facts: Readonly<Record<string, unknown>>) => void
}

/** What every source is made from. */
export interface SourceOptions {
  readonly site: string
  /** Components, indices and topics that the source must read. */
  readonly assignment: Assignment
}

/**
 * Where samples come from. It knows its transport and nothing of subjects of samples; of each topic that the
 * producer is assigned it hands over every message in the order in which the component sent them.
 */
export interface Source {
  /** How logs and `/readyz` name it. */
  readonly name: string
  /** Resolves when nothing that is said from now on is missed. */
  start(context: ServiceContext, handlers: SourceHandlers): Promise<void>
  /** Hands over what has arrived, then ends. May be called twice. */
  stop(): Promise<void>
  /** Subjects of NATS that it reads, for `$SRV.INFO`; a source on another transport has none. */
  endpoints?(): readonly Pick<ServiceEndpoint, 'name' | 'subject'>[]
}
