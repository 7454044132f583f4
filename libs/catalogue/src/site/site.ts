import type { Static } from 'typebox'
import type { ComponentDisplay } from '../model.ts'
import { createSiteDeploy, type ProducerProfile, type SiteDeploy } from './deploy-section.ts'
import type { locationSchema, MergedSiteFile } from './site-file.ts'

/** One instance of a component at a site; index 0 for components that are not indexed. */
export interface Instance {
  readonly csc: string
  readonly index: number
}

/** A share of one instance's topics that has a producer of its own. */
export interface InstancePart {
  /** By which a producer takes it: `PRODUCE=part:<name>`. */
  readonly name: string
  /** Telemetry topics by name; `ackcmd` may be among them. */
  readonly telemetry: readonly string[]
  readonly events: readonly string[]
}

/** The place of a site on Earth: degrees east and north, metres above the sea. */
export type SiteLocation = Static<typeof locationSchema>

/** Values for parameters of a command, by the names of the parameters. */
export type CommandParameters = Readonly<Record<string, boolean | number | string>>

/**
 * Which commands are treated in a way of their own. Keys are `Component.command`, where `*` stands for any
 * letters.
 */
export interface SiteCommands {
  /**
   * Commands that end motion or work, with the parameters that they are sent with where nothing else is said.
   */
  readonly stops: Readonly<Record<string, CommandParameters>>
  /** Commands that need no confirmation, besides the stops. */
  readonly unconfirmed: readonly string[]
}

/** What those may do who have a role. A right that it does not name is refused. */
export interface SiteRole {
  /** NATS patterns of the subjects that may be read, such as `tel.*.MTMount.>`. */
  readonly read: readonly string[]
  /** Commands that may be sent, as `Component.command` with `*` for any letters. */
  readonly command: readonly string[]
  /** Whether users may be managed: made, changed, logged out; default: no. */
  readonly users?: boolean
  /** Groups of the OpenID provider whose members have this role; default: none. */
  readonly groups?: readonly string[]
}

/** A component of this site alone, or what the site says otherwise of one of the catalogue. */
export interface SiteComponent extends Partial<ComponentDisplay> {
  /** Commands that end motion or work, besides those that the rules for all components name. */
  readonly stops?: readonly string[]
}

/** What is true of one place and not of the components as such. */
export interface Site {
  /** Token of the site in every subject. */
  readonly name: string
  /** The name that people read, on the page and in logs; default: `name`. */
  readonly observatory: string
  /**
   * Path of its file; undefined where there is none: then nothing but the name and the defaults are known.
   */
  readonly file?: string
  readonly location?: SiteLocation
  readonly instances: readonly Instance[]
  /**
   * What pages show first of home-made components, and of others where the site sees it otherwise than the
   * catalogue.
   */
  readonly components: ReadonlyMap<string, SiteComponent>
  /** Instances whose topics several producers share, by `CSC:index`. */
  readonly parts: ReadonlyMap<string, readonly InstancePart[]>
  /** Instances, as `CSC:index`, that get a producer process of their own from `npm start`. */
  readonly ownProducer: readonly string[]
  /** What producers ask for of their node, by component, `CSC:index` or `part:<name>`. */
  readonly profiles: ReadonlyMap<string, ProducerProfile>
  /** How it runs on Kubernetes. */
  readonly deploy: SiteDeploy
  readonly commands: SiteCommands
  /** By name; the shipped ones are `viewer`, `operator` and `administrator`. */
  readonly roles: ReadonlyMap<string, SiteRole>
  /** Headings of an overview, in their order. */
  readonly subsystems: readonly string[]
}

/** Names an instance as site files and settings do: `ESS:301`, and `MTMount:0` for what is not indexed. */
export const instanceNameOf = ({ csc, index }: Instance): string => `${csc}:${index}`

/** Makes a site of a file that was checked. */
export function createSite(file: MergedSiteFile, path?: string): Site {
  return {
    name: file.name,
    observatory: file.observatory ?? file.name,
    ...(path !== undefined && { file: path }),
    ...(file.location !== undefined && { location: file.location }),
    instances: Object.entries(file.instances).flatMap(([csc, indices]) =>
      indices.map(index => ({ csc, index }))
    ),
    components: new Map(Object.entries(file.components ?? {})),
    parts: new Map(
      Object.entries(file.parts ?? {}).map(([instance, parts]) => [instance, parts.map(createPart)])
    ),
    ownProducer: file.ownProducer ?? [],
    profiles: new Map(Object.entries(file.profiles ?? {})),
    deploy: createSiteDeploy(file.name, file.deploy),
    commands: { stops: file.commands?.stops ?? {}, unconfirmed: file.commands?.unconfirmed ?? [] },
    roles: new Map(
      Object.entries(file.roles ?? {}).map(([name, { read = [], command = [], ...users }]) => [
        name,
        { read, command, ...users }
      ])
    ),
    subsystems: file.subsystems ?? []
  }
}

type PartInFile = NonNullable<MergedSiteFile['parts']>[string][number]

const createPart = ({ name, telemetry = [], events = [] }: PartInFile): InstancePart => ({
  name,
  telemetry,
  events
})
