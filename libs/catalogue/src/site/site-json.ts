import type { Catalogue, Component } from '../model.ts'
import { isUnconfirmed, stopParametersOf } from './command-rules.ts'
import type { CommandParameters, Instance, Site, SiteLocation } from './site.ts'

/** What a page needs to know of one component before it has heard of it. */
export interface SiteComponentJson {
  /** Heading under which it stands; absent: under none of its own. */
  readonly subsystem?: string
  readonly firstTopics?: readonly string[]
  readonly firstFields?: ReadonlyArray<readonly string[]>
  /** Its stops, each with the parameters that it is sent with where nothing else is said. */
  readonly stops?: Readonly<Record<string, CommandParameters>>
  /** Other commands that need no confirmation. */
  readonly unconfirmed?: readonly string[]
}

/** `GET /api/site`: plain JSON, usable as it is. */
export interface SiteJson {
  readonly name: string
  readonly observatory: string
  readonly location?: SiteLocation
  readonly instances: readonly Instance[]
  /** Headings of an overview, in their order: first those that the site lists, then the others by name. */
  readonly subsystems: readonly string[]
  /** Every component of the catalogue and every home-made one of the site. */
  readonly components: Readonly<Record<string, SiteComponentJson>>
}

/** What the site and its catalogue tell a page. */
export function siteJson(site: Site, catalogue: Catalogue): SiteJson {
  const names = [...new Set([...catalogue.components, ...site.components.keys()])]
  const components = Object.fromEntries(
    names.map(csc => [csc, componentJson(site, csc, catalogue.component(csc))])
  )
  const used = new Set(Object.values(components).flatMap(({ subsystem }) => subsystem ?? []))
  return {
    name: site.name,
    observatory: site.observatory,
    ...(site.location !== undefined && { location: site.location }),
    instances: site.instances,
    subsystems: [...new Set([...site.subsystems, ...[...used].sort()])],
    components
  }
}

function componentJson(site: Site, csc: string, component: Component | undefined): SiteComponentJson {
  const { stops: ownStops = [], ...own } = site.components.get(csc) ?? {}
  const display = { ...component?.display, ...own }
  const commands = [...(component?.commands.keys() ?? [...ownStops, ...exactNames(site, csc)])]
  const stops = commands.flatMap(command => {
    const parameters = stopParametersOf(site, csc, command)
    return parameters === undefined ? [] : [[command, parameters] as const]
  })
  const names = new Set(stops.map(([command]) => command))
  const unconfirmed = commands.filter(command => !names.has(command) && isUnconfirmed(site, csc, command))
  return {
    ...(display.subsystem !== undefined && { subsystem: display.subsystem }),
    ...(display.firstTopics?.length && { firstTopics: display.firstTopics }),
    ...(display.firstFields?.length && { firstFields: display.firstFields }),
    ...(stops.length > 0 && { stops: Object.fromEntries(stops) }),
    ...(unconfirmed.length > 0 && { unconfirmed })
  }
}

/** Commands of a home-made component that the site names in full: no catalogue lists them. */
const exactNames = ({ commands: { stops, unconfirmed } }: Site, csc: string): string[] =>
  [...Object.keys(stops), ...unconfirmed]
    .filter(name => name.startsWith(`${csc}.`) && !name.includes('*'))
    .map(name => name.slice(csc.length + 1))
