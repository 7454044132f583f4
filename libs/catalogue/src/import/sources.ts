import type { SalType } from '@meridian/msgpack'
import type { EnumerationItem } from '../model.ts'

/** File and line of an element, for problem messages. */
export interface Place {
  readonly file: string
  readonly element: string
  readonly line?: number
}

/** An enumeration as declared in an interface file, before the import rules. */
export interface EnumerationSource {
  readonly name: string
  readonly items: readonly EnumerationItem[]
}

/**
 * A field as declared in an interface file. Its texts are unchanged, because the revCode is computed from
 * them.
 */
export interface FieldSource {
  readonly name: string
  readonly type: SalType
  readonly count: number
  readonly units: string
  readonly description: string
  readonly nullable?: boolean
  readonly tag?: boolean
  /** Enumeration class named in a comment inside the item. */
  readonly comment?: string
  /** Enumeration declared inside the field. */
  readonly local?: EnumerationSource
}

/** A topic as declared in an interface file. */
export interface TopicSource {
  readonly kind: 'command' | 'event' | 'telemetry' | 'ackcmd'
  /** Name without component and `logevent_` or `command_`. */
  readonly name: string
  readonly description: string
  readonly fields: readonly FieldSource[]
  /** Category of a generic topic, such as `mandatory`. */
  readonly category?: string
  /** True for a topic of an `.avsc` file, whose schema has the private fields last. */
  readonly avsc?: boolean
  readonly place: Place
}

/** A component as declared in the interface directory. */
export interface ComponentSource {
  readonly name: string
  readonly description: string
  readonly indexed: boolean
  readonly generics: readonly string[]
  readonly topics: readonly TopicSource[]
  readonly genericTopics: readonly TopicSource[]
  readonly enumerations: readonly EnumerationSource[]
}
