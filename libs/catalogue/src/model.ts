import type { FieldSpec } from '@meridian/msgpack'

/** What a component takes (`command`), says (`event`, `telemetry`), and answers commands with (`ackcmd`). */
export type TopicKind = 'command' | 'event' | 'telemetry' | 'ackcmd'

/** One public field of a topic: name, type, count, as SAL has them; units in one spelling per unit. */
export interface Field extends FieldSpec {
  /** Normalised: `deg`, `s`, `m/s`; '' where the value has none. */
  readonly units: string
  /** Name of an enumeration of the same component that lists what the values mean. */
  readonly enumeration?: string
  /** Tells which of many devices a camera message is about [docs/sal.md#camera-rows]. */
  readonly tag?: boolean
  /** Present only in a site's own import. */
  readonly description?: string
}

/** One topic of a component. `name` is bare: `azimuthInPosition`, never `logevent_azimuthInPosition`. */
export interface Topic {
  readonly csc: string
  readonly kind: TopicKind
  readonly name: string
  /** First eight hex digits of the md5 of the topic's Avro schema [docs/sal.md#private-fields]. */
  readonly revCode: string
  readonly fields: readonly Field[]
  /** Fields whose values make one more token of the subject; empty for most topics [docs/subjects.md]. */
  readonly keyFields: readonly string[]
  /**
   * The key field, where it is the SAL index of a Script: such a topic goes to the log of scripts, as
   * `script.<site>.<queue>.<scriptIndex>.<topic>`.
   */
  readonly scriptIndexField?: string
  /**
   * Nominal messages per second of one instance: telemetry, and events that come by themselves. `rateOf`
   * knows instances that differ.
   */
  readonly rateHz?: number
  /** True for what many components share: `start`, `summaryState`, `heartbeat`. */
  readonly generic: boolean
  readonly description?: string
}

/**
 * One meaning of a value. Most values are numbers; MTDome.OpenClose and TunableLaser.OpticalConfiguration are
 * text.
 */
export interface EnumerationItem {
  readonly name: string
  readonly value: number | string
}

/** The names of the values that a field may have; a field gives the name of its enumeration. */
export interface Enumeration {
  readonly name: string
  readonly items: readonly EnumerationItem[]
  /** Items are bits: a value is the sum of several. */
  readonly bitmask?: boolean
}

/** What a page shows first of a component. */
export interface ComponentDisplay {
  /** Heading under which it stands in an overview; undefined: under none of its own. */
  readonly subsystem?: string
  /** Topics that come first, in this order; all others follow by name. */
  readonly firstTopics: readonly string[]
  /**
   * Fields with which a plot begins, as `topic.field` or `topic.field[2]`: the first line of which anything
   * is heard.
   */
  readonly firstFields: ReadonlyArray<readonly string[]>
}

/** One kind of component: what it can be told, and what it says. */
export interface Component {
  readonly name: string
  /** Instances carry an index of 1 and more; otherwise there is one, with index 0. */
  readonly indexed: boolean
  /** Categories and single topics of SAL's generics that it has: `mandatory`, `csc`, `configurable`, ... */
  readonly generics: readonly string[]
  readonly commands: ReadonlyMap<string, Topic>
  readonly events: ReadonlyMap<string, Topic>
  readonly telemetry: ReadonlyMap<string, Topic>
  readonly ackcmd: Topic
  readonly enumerations: ReadonlyMap<string, Enumeration>
  readonly display: ComponentDisplay
  /**
   * Nominal messages per second of a topic at one instance; 0 where that instance never sends it, or only on
   * change.
   */
  rateOf(topic: Pick<Topic, 'kind' | 'name'>, index: number): number
  readonly description?: string
}

/** How much a catalogue holds; fields are public fields of all topics, generics included. */
export interface Totals {
  readonly components: number
  readonly indexed: number
  readonly commands: number
  readonly events: number
  readonly telemetry: number
  readonly ackcmds: number
  readonly fields: number
  readonly arrayFields: number
}

/** All that can be said at an observatory. Components are built when first asked for. */
export interface Catalogue {
  /** Version of the interface files it was made from, such as `28.0.1`. */
  readonly version: string
  /** Names, in alphabetical order. */
  readonly components: readonly string[]
  component(name: string): Component | undefined
  totals(): Totals
}
