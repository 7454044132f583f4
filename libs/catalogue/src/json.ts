import type { Catalogue, Component, EnumerationItem, Field, Topic } from './model.ts'
import { type CommandRules, stopParametersOf } from './site/command-rules.ts'
import type { CommandParameters } from './site/site.ts'

/** Names of the components and whether they are indexed: the answer of `GET /api/catalogue`. */
export interface CatalogueJson {
  readonly version: string
  readonly components: ReadonlyArray<{ readonly name: string; readonly indexed: boolean }>
}

/** A field is plain data already. */
export type FieldJson = Field

/** A topic without what a client never needs: its revCode and the name of its component. */
export interface TopicJson {
  readonly name: string
  readonly fields: readonly FieldJson[]
  readonly generic?: true
  readonly keyFields?: readonly string[]
  readonly scriptIndexField?: string
  readonly rateHz?: number
  readonly description?: string
}

/** A command as the api gives it: a topic, and whether it is a stop. */
export interface CommandJson extends TopicJson {
  /** Where it is a stop: the parameters that it is sent with where nothing else is said. */
  readonly stop?: { readonly parameters: CommandParameters }
}

/** An enumeration as the api gives it: its items in the order of the interface. */
export interface EnumerationJson {
  readonly name: string
  readonly items: readonly EnumerationItem[]
  readonly bitmask?: boolean
}

/** `GET /api/catalogue/<CSC>`: all of one component. Plain JSON, usable as it is. */
export interface ComponentJson {
  readonly name: string
  readonly indexed: boolean
  readonly commands: readonly CommandJson[]
  readonly events: readonly TopicJson[]
  readonly telemetry: readonly TopicJson[]
  readonly enumerations: readonly EnumerationJson[]
  readonly description?: string
}

const topicJson = (topic: Topic): TopicJson => ({
  name: topic.name,
  fields: topic.fields,
  ...(topic.generic && { generic: true as const }),
  ...(topic.keyFields.length > 0 && { keyFields: topic.keyFields }),
  ...(topic.scriptIndexField !== undefined && { scriptIndexField: topic.scriptIndexField }),
  ...(topic.rateHz !== undefined && { rateHz: topic.rateHz }),
  ...(topic.description !== undefined && { description: topic.description })
})

const topicsJson = (topics: ReadonlyMap<string, Topic>): readonly TopicJson[] =>
  [...topics.values()].map(topicJson)

const NO_RULES: CommandRules = { commands: { stops: {}, unconfirmed: [] }, components: new Map() }

function commandJson(command: TopicJson, csc: string, rules: CommandRules): CommandJson {
  const parameters = stopParametersOf(rules, csc, command.name)
  return parameters === undefined ? command : { ...command, stop: { parameters } }
}

/** The names of a catalogue's components, for a client that asks for the details one by one. */
export function catalogueJson(catalogue: Catalogue): CatalogueJson {
  const indexed = (name: string): boolean => catalogue.component(name)?.indexed ?? false
  return {
    version: catalogue.version,
    components: catalogue.components.map(name => ({ name, indexed: indexed(name) }))
  }
}

/** All of one component at a site as plain JSON: the answer of `GET /api/catalogue/{csc}`. */
export function toJson(component: Component, rules: CommandRules = NO_RULES): ComponentJson {
  return {
    name: component.name,
    indexed: component.indexed,
    commands: topicsJson(component.commands).map(command => commandJson(command, component.name, rules)),
    events: topicsJson(component.events),
    telemetry: topicsJson(component.telemetry),
    enumerations: [...component.enumerations.values()],
    ...(component.description !== undefined && { description: component.description })
  }
}
