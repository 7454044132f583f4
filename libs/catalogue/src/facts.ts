/**
 * The compact facts file: tables shared by all components, and per component its topics as numbers into them.
 * Rows are arrays whose trailing empty places are left out. Written by the importer, read by `loadCatalogue`.
 */

/** Named in each file; the number goes up when an older loader could not read it. */
export const FACTS_FORMAT = 'meridian-catalogue/1'

/**
 * `[name, type, units, count, enumeration, flags]`: type and units are numbers into their tables; flags 1
 * nullable, 2 tag.
 */
export type FieldRow = readonly [
  name: string,
  type: number,
  units?: number,
  count?: number,
  enumeration?: string | 0,
  flags?: number,
  description?: string
]

/**
 * `[name, revCode, body, flags, rateHz, keyFields]`: body is a number into `bodies`; flags 1 generic, 2 the
 * key field is the index of a Script.
 */
export type TopicRow = readonly [
  name: string,
  revCode: string,
  body: number,
  flags?: number,
  rateHz?: number,
  keyFields?: readonly string[],
  description?: string
]

/** `[name, items, bitmask]`; items are `[name, value]`. */
export type EnumerationRow = readonly [
  name: string,
  items: ReadonlyArray<readonly [string, number | string]>,
  bitmask?: 1
]

/** `[subsystem, firstTopics, firstFields]`: what a page shows first of a component. */
export type DisplayRow = readonly [
  subsystem: string,
  firstTopics?: readonly string[] | 0,
  firstFields?: ReadonlyArray<readonly string[]>
]

/** One component: its topics, the numbers of its enumerations, and what a page shows first. */
export interface ComponentRow {
  readonly indexed: 0 | 1
  readonly generics: readonly string[]
  readonly commands: readonly TopicRow[]
  readonly events: readonly TopicRow[]
  readonly telemetry: readonly TopicRow[]
  readonly ackcmd: TopicRow
  /** Those that its fields use, by their position in `Facts.enumerations`. */
  readonly enumerations: readonly number[]
  /** Telemetry topics by index, where instances differ in what they send; `default` for those not named. */
  readonly instances?: Readonly<Record<string, readonly string[]>>
  readonly display?: DisplayRow
  readonly description?: string
}

/**
 * A facts file: tables of types, units, fields and enumerations, and components that refer to them by number.
 */
export interface Facts {
  readonly format: string
  readonly version: string
  readonly types: readonly string[]
  readonly units: readonly string[]
  readonly fields: readonly FieldRow[]
  /** Lists of numbers into `fields`: equal topics share one. */
  readonly bodies: ReadonlyArray<readonly number[]>
  readonly enumerations: readonly EnumerationRow[]
  readonly components: Readonly<Record<string, ComponentRow>>
}
