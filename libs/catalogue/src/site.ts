import type { Code } from '@meridian/errors'
import { type Static, Type } from 'typebox'
import type { Catalogue, Component } from './model.ts'

/** One instance of a component at a site; index 0 for components that are not indexed. */
export interface Instance {
  readonly csc: string
  readonly index: number
}

/** A share of one instance's topics, carried by a producer of its own. */
export interface SplitPart {
  /** Name of that producer. */
  readonly name: string
  /** Telemetry topics, and `ackcmd`. */
  readonly telemetry: readonly string[]
  readonly events: readonly string[]
}

/** Which components an observatory has. */
export interface Site {
  readonly name: string
  readonly instances: readonly Instance[]
  /** Instances whose topics several producers share, by `CSC:index`. */
  readonly split: ReadonlyMap<string, readonly SplitPart[]>
}

/** What is wrong with a site file, and where. */
export interface SiteProblem {
  readonly code: Code
  /** Path inside the file: `summit.instances.ESS`. */
  readonly where: string
  readonly message: string
}

const topicNames = Type.Optional(Type.Array(Type.String({ minLength: 1 })))

const partSchema = Type.Object(
  { name: Type.String({ pattern: '^[a-z0-9-]{1,50}$' }), telemetry: topicNames, events: topicNames },
  { additionalProperties: false }
)

const entrySchema = Type.Object(
  {
    instances: Type.Record(Type.String(), Type.Array(Type.Integer(), { minItems: 1 }), { minProperties: 1 }),
    split: Type.Optional(Type.Record(Type.String(), Type.Array(partSchema, { minItems: 1 })))
  },
  { additionalProperties: false }
)

/** JSON Schema of a site file: site names, each with its instances and, where several producers share one, its split. */
export const siteFileSchema = Type.Record(Type.String(), entrySchema, { minProperties: 1 })

/** One site as the file has it. */
export type SiteEntry = Static<typeof entrySchema>

const LARGEST_INDEX = 2 ** 31 - 1

/** A site from its entry in a file. Collects what is wrong instead of stopping at the first fault. */
export function siteOf(
  name: string,
  entry: SiteEntry,
  catalogue: Catalogue
): { site: Site; problems: SiteProblem[] } {
  const site = {
    name,
    instances: Object.entries(entry.instances).flatMap(([csc, indices]) =>
      indices.map(index => ({ csc, index }))
    ),
    split: new Map(Object.entries(entry.split ?? {}).map(([key, parts]) => [key, parts.map(partOf)]))
  }
  const problems = [
    ...Object.entries(entry.instances).flatMap(([csc, indices]) =>
      instanceProblems(name, csc, indices, catalogue)
    ),
    ...[...site.split].flatMap(([key, parts]) => splitProblems(site, key, parts, catalogue)),
    ...partNameProblems(site)
  ]
  return { site, problems }
}

const partOf = (part: Static<typeof partSchema>): SplitPart => ({
  name: part.name,
  telemetry: part.telemetry ?? [],
  events: part.events ?? []
})

function instanceProblems(
  site: string,
  csc: string,
  indices: readonly number[],
  catalogue: Catalogue
): SiteProblem[] {
  const where = `${site}.instances.${csc}`
  const component = catalogue.component(csc)
  if (component === undefined)
    return [
      {
        code: 'CAT_SITE_UNKNOWN',
        where,
        message: `no component '${csc}'${likely(csc, catalogue.components)}`
      }
    ]
  return [
    ...duplicates(indices).map(index => ({
      code: 'CAT_SITE_DUPLICATE' as const,
      where,
      message: `index ${index} twice`
    })),
    ...indices
      .flatMap(index => indexProblem(component, index) ?? [])
      .map(message => ({
        code: 'CAT_SITE_INDEX' as const,
        where,
        message
      }))
  ]
}

function indexProblem({ name, indexed }: Component, index: number): string | undefined {
  // 0 at an indexed component is whatever index it uses: Rubin's own lists name DREAM so.
  if (indexed)
    return index >= 0 && index <= LARGEST_INDEX
      ? undefined
      : `${index} is not an index: 0 to ${LARGEST_INDEX}`
  return index === 0 ? undefined : `${name} is not indexed: its only index is 0, not ${index}`
}

function splitProblems(
  site: Site,
  key: string,
  parts: readonly SplitPart[],
  catalogue: Catalogue
): SiteProblem[] {
  const where = `${site.name}.split.${key}`
  const component = catalogue.component(key.split(':')[0] ?? '')
  const instance = site.instances.find(({ csc, index }) => `${csc}:${index}` === key)
  if (component === undefined || instance === undefined)
    return [{ code: 'CAT_SITE_UNKNOWN', where, message: `'${key}' is not among the instances` }]
  const telemetry = [...component.telemetry.keys(), 'ackcmd']
  const known = { telemetry: new Set(telemetry), events: new Set(component.events.keys()) }
  return (['telemetry', 'events'] as const).flatMap(kind => {
    const names = parts.flatMap(part => part[kind])
    const unknown = names.filter(name => !known[kind].has(name))
    return [
      ...unknown.map(name => ({
        code: 'CAT_SITE_UNKNOWN' as const,
        where,
        message: `no ${kind} topic '${name}'${likely(name, [...known[kind]])}`
      })),
      ...duplicates(names).map(name => ({
        code: 'CAT_SITE_SPLIT' as const,
        where,
        message: `${kind} topic '${name}' is in more than one part`
      }))
    ]
  })
}

function partNameProblems(site: Site): SiteProblem[] {
  const names = [...site.split.values()].flatMap(parts => parts.map(part => part.name))
  return duplicates(names).map(name => ({
    code: 'CAT_SITE_DUPLICATE',
    where: `${site.name}.split`,
    message: `two parts are called '${name}'`
  }))
}

const duplicates = <T>(values: readonly T[]): T[] => [
  ...new Set(values.filter((value, at) => values.indexOf(value) !== at))
]

function likely(name: string, names: readonly string[]): string {
  const found = names.find(other => other.toLowerCase() === name.toLowerCase())
  return found === undefined ? '' : `; did you mean '${found}'?`
}
