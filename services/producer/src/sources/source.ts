import type { ServiceEndpoint } from '@meridian/broker'
import type { Catalogue, Site } from '@meridian/catalogue'
import type { Code } from '@meridian/errors'
import type { Fields } from '@meridian/msgpack'
import type { SalConfig } from '@meridian/sal'
import type { Readiness, ServiceContext } from '@meridian/service'
import type { Assignment } from '../assignment.ts'
import type { StoredSamples } from '../stored/stored-samples.ts'
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
  /** The fields as they go into the sample, where the source makes them without an object; `fields` is then read from them. */
  readonly encoded?: EncodedFields
  /** Said before this process began to read: whether the streams have it is looked up. */
  readonly mayBeStored?: boolean
}

/** Public fields as the catalogue has them, in bytes. */
export interface EncodedFields {
  /** One MessagePack map, which must not change any more. */
  readonly bytes: Uint8Array
  /** The fields that the subject is made from, by name. */
  readonly keys: Readonly<Fields>
}

/** Why something that came in became no message. */
export type SourceFault = Extract<
  Code,
  'PRD_BAD_SUBJECT' | 'PRD_BAD_PAYLOAD' | 'SAL_BAD_MESSAGE' | 'SAL_BAD_SCHEMA' | 'SAL_NO_SCHEMA'
>

/** What became no message: for the log, and `of` for its operators where it is known. */
interface SourceFaultFacts extends Readonly<Record<string, unknown>> {
  readonly of?: Pick<SourceTopic, 'csc' | 'index' | 'name'>
}

/** What a source calls, and what it asks. */
export interface SourceHandlers {
  /** Takes one message; does not throw. */
  readonly onMessage: (message: SourceMessage) => void
  readonly onFault: (code: SourceFault, facts: SourceFaultFacts) => void
  /** Told of a field that a source left out of `encoded` because it contradicts the catalogue. */
  readonly onField: (topic: SourceTopic, field: string) => void
  /** What the streams hold, for a source whose transport keeps what was said. */
  readonly stored: StoredSamples
  /**
   * Undefined while there is room for more messages; else resolves when there is again, or the process stops. For a
   * source that can wait: others lose what comes meanwhile, or fill the spool.
   */
  readonly room: () => Promise<void> | undefined
}

/** Settings of sources. */
interface SourceConfig extends SalConfig {
  readonly CATCH_UP_MINUTES: number
}

/** What every source is made from. */
export interface SourceOptions {
  readonly site: string
  /** Components, indices and topics that the source must read. */
  readonly assignment: Assignment
  readonly catalogue: Catalogue
  readonly instances: Site['instances']
  /** Where its transport is, for a source that has settings. */
  readonly config: SourceConfig
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
  /** Called for each `/readyz`; default: ready once started. */
  readiness?(): Readiness
  /** Subjects of NATS that it reads, for `$SRV.INFO`; a source on another transport has none. */
  endpoints?(): readonly Pick<ServiceEndpoint, 'name' | 'subject'>[]
}
