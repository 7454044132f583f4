import type { SalType } from '@meridian/msgpack'
import type { EnumerationItem } from '../model.ts'

/** Where an element stands, for messages. */
export interface Place {
  readonly file: string
  readonly element: string
  readonly line?: number
}

/** A list of values as an interface file has it, before the rules of the import. */
export interface EnumerationSource {
  readonly name: string
  readonly items: readonly EnumerationItem[]
}

/** A field as an interface file has it, texts untouched, because the revCode covers them. */
export interface FieldSource {
  readonly name: string
  readonly type: SalType
  readonly count: number
  readonly units: string
  readonly description: string
  readonly nullable?: boolean
  readonly tag?: boolean
  /** Class that a comment inside the item names. */
  readonly comment?: string
  /** A list of its own. */
  readonly local?: EnumerationSource
}

/** A topic as an interface file has it. */
export interface TopicSource {
  readonly kind: 'command' | 'event' | 'telemetry' | 'ackcmd'
  /** Bare name. */
  readonly name: string
  readonly description: string
  readonly fields: readonly FieldSource[]
  /** Category of a generic topic. */
  readonly category?: string
  /** Made from an `.avsc` file: the private fields come last in its schema. */
  readonly avsc?: boolean
  readonly place: Place
}

/** A component as the interface directory has it. */
export interface ComponentSource {
  readonly name: string
  readonly description: string
  readonly indexed: boolean
  readonly generics: readonly string[]
  readonly topics: readonly TopicSource[]
  readonly genericTopics: readonly TopicSource[]
  readonly enumerations: readonly EnumerationSource[]
}
