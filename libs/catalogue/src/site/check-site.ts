import { AppError, type Code, didYouMean } from '@meridian/errors'
import { salTypes } from '@meridian/msgpack'
import { fitsCommand } from '@meridian/protocol/commands'
import { isKeptUnder, parsePattern, streamNames } from '@meridian/subjects'
import type { Catalogue, Component, Field } from '../model.ts'
import { findDeployFaults } from './check-deploy.ts'
import { type CommandParameters, type InstancePart, instanceNameOf, type Site } from './site.ts'

/** One fault of a site, and where: `['instances', 'ESS']`. */
export interface SiteFault {
  readonly code: Code
  readonly path: readonly (string | number)[]
  readonly message: string
}

const LARGEST_INDEX = 2 ** 31 - 1
const ROLE_NAME = /^[a-z0-9-]{1,50}$/
const KNOWN_NAME = /^[A-Za-z][A-Za-z0-9_]{0,49}$/

/** All that a site names and that does not exist, is there twice or cannot be. Empty for a good one. */
export function findSiteFaults(site: Site, catalogue: Catalogue): SiteFault[] {
  const components = new Set(site.instances.map(({ csc }) => csc))
  return [
    ...[...components].flatMap(csc => instanceFaults(site, csc, catalogue)),
    ...[...site.components].flatMap(([csc, { stops = [] }]) => [
      ...componentFaults(csc),
      ...ownStopFaults(csc, stops, catalogue)
    ]),
    ...[...site.parts].flatMap(([instance, parts]) => partFaults(site, instance, parts, catalogue)),
    ...partNameFaults(site),
    ...ownProducerFaults(site),
    ...findDeployFaults(site, catalogue),
    ...commandFaults(site, catalogue),
    ...roleFaults(site, catalogue)
  ]
}

function instanceFaults(site: Site, csc: string, catalogue: Catalogue): SiteFault[] {
  const path = ['instances', csc]
  const component = catalogue.component(csc)
  const indices = site.instances.filter(instance => instance.csc === csc).map(({ index }) => index)
  if (component === undefined && !site.components.has(csc))
    return [{ code: 'CAT_SITE_UNKNOWN', path, message: unknownComponent(csc, catalogue) }]
  return [
    ...duplicates(indices).map(index => fault('CAT_SITE_DUPLICATE', path, `index ${index} twice`)),
    ...indices
      .flatMap(index => indexMessage(component, index) ?? [])
      .map(message => fault('CAT_SITE_INDEX', path, message))
  ]
}

function unknownComponent(csc: string, catalogue: Catalogue): string {
  const meant = didYouMean(csc, catalogue.components)
  return `no component '${csc}'${meant === '' ? "; a home-made one needs a line under 'components'" : meant}`
}

function indexMessage(component: Component | undefined, index: number): string | undefined {
  // 0 at an indexed component is whatever index it uses: Rubin's own lists name DREAM so.
  if (component === undefined || component.indexed)
    return index >= 0 && index <= LARGEST_INDEX
      ? undefined
      : `${index} is not an index: 0 to ${LARGEST_INDEX}`
  return index === 0 ? undefined : `${component.name} is not indexed: its only index is 0, not ${index}`
}

const componentFaults = (csc: string): SiteFault[] =>
  KNOWN_NAME.test(csc)
    ? []
    : [fault('CAT_SITE_INVALID', ['components', csc], `'${csc}' cannot be the name of a component`)]

const ownStopFaults = (csc: string, stops: readonly string[], catalogue: Catalogue): SiteFault[] =>
  stops
    .filter(command => catalogue.component(csc)?.commands.has(command) === false)
    .map(command => fault('CAT_SITE_UNKNOWN', ['components', csc], `no command '${command}' to stop it with`))

function partFaults(
  site: Site,
  instance: string,
  parts: readonly InstancePart[],
  catalogue: Catalogue
): SiteFault[] {
  const path = ['parts', instance]
  const component = catalogue.component(instance.split(':')[0] ?? '')
  if (component === undefined || !site.instances.some(one => instanceNameOf(one) === instance))
    return [fault('CAT_SITE_UNKNOWN', path, `'${instance}' is not among the instances`)]
  const known = {
    telemetry: new Set([...component.telemetry.keys(), 'ackcmd']),
    events: new Set(component.events.keys())
  }
  const unknown = (['telemetry', 'events'] as const).flatMap(kind => {
    const names = parts.flatMap(part => part[kind])
    return [
      ...names
        .filter(name => !known[kind].has(name))
        .map(name =>
          fault('CAT_SITE_UNKNOWN', path, `no ${kind} topic '${name}'${didYouMean(name, known[kind])}`)
        ),
      ...duplicates(names).map(name =>
        fault('CAT_SITE_SPLIT', path, `${kind} topic '${name}' is in more than one part`)
      )
    ]
  })
  return [...unknown, ...emptyPartFaults(path, parts)]
}

/** A producer without topics would run for nothing. */
const emptyPartFaults = (path: SiteFault['path'], parts: readonly InstancePart[]): SiteFault[] =>
  parts.flatMap(({ name, telemetry, events }, at) =>
    telemetry.length + events.length > 0
      ? []
      : [fault('CAT_SITE_INVALID', [...path, at], `part '${name}' has no topics: telemetry, events or both`)]
  )

const partNameFaults = ({ parts }: Site): SiteFault[] =>
  duplicates([...parts.values()].flatMap(list => list.map(part => part.name))).map(name =>
    fault('CAT_SITE_DUPLICATE', ['parts'], `two parts are called '${name}'`)
  )

function ownProducerFaults({ ownProducer, instances }: Site): SiteFault[] {
  const known = new Set(instances.map(instanceNameOf))
  const path = ['ownProducer']
  return [
    ...ownProducer
      .filter(name => !known.has(name))
      .map(name => fault('CAT_SITE_UNKNOWN', path, `'${name}' is not among the instances`)),
    ...duplicates(ownProducer).map(name => fault('CAT_SITE_DUPLICATE', path, `'${name}' twice`))
  ]
}

/** A pattern of commands that can fit none. */
function fitsNothing(pattern: string, { components }: Site, catalogue: Catalogue): boolean {
  const csc = pattern.split('.')[0] ?? ''
  // A pattern of many components may be meant for home-made ones, whose commands no catalogue has.
  const isOpen = csc.includes('*') || components.has(csc)
  return !isOpen && commandsThatFit(pattern, catalogue).length === 0
}

function commandFaults(site: Site, catalogue: Catalogue): SiteFault[] {
  const { commands } = site
  const unknown = (pattern: string): boolean => fitsNothing(pattern, site, catalogue)
  return [
    ...Object.entries(commands.stops).flatMap(([pattern, parameters]) =>
      unknown(pattern)
        ? [fault('CAT_SITE_UNKNOWN', ['commands', 'stops', pattern], 'fits no command')]
        : parameterFaults(pattern, parameters, catalogue)
    ),
    ...commands.unconfirmed.flatMap((pattern, at) =>
      unknown(pattern)
        ? [fault('CAT_SITE_UNKNOWN', ['commands', 'unconfirmed', at], `'${pattern}' fits no command`)]
        : []
    )
  ]
}

const commandsThatFit = (pattern: string, catalogue: Catalogue) =>
  catalogue.components
    .filter(csc => pattern.startsWith(`${csc}.`) || pattern.split('.')[0]?.includes('*'))
    .flatMap(csc =>
      [...(catalogue.component(csc)?.commands.values() ?? [])].filter(({ name }) =>
        fitsCommand(pattern, csc, name)
      )
    )

/**
 * Parameters of a stop must be right for every command that its pattern fits: at the moment of a stop it is
 * too late to find out.
 */
function parameterFaults(pattern: string, parameters: CommandParameters, catalogue: Catalogue): SiteFault[] {
  const path = ['commands', 'stops', pattern]
  if (Object.keys(parameters).length === 0) return []
  return commandsThatFit(pattern, catalogue).flatMap(({ csc, name, fields }) =>
    Object.entries(parameters).flatMap(([parameter, value]) => {
      const field = fields.find(one => one.name === parameter)
      if (field === undefined) {
        const meant = didYouMean(
          parameter,
          fields.map(one => one.name)
        )
        return [fault('CAT_SITE_UNKNOWN', path, `${csc}.${name} has no parameter '${parameter}'${meant}`)]
      }
      return isOfType(field, value)
        ? []
        : [fault('CAT_SITE_INVALID', path, `${csc}.${name} wants ${parameter} as ${field.type}`)]
    })
  )
}

function isOfType({ type, count }: Field, value: boolean | number | string): boolean {
  if (count > 1) return false
  const kind = salTypes[type]
  if (kind === 'boolean') return typeof value === 'boolean'
  if (kind === 'text') return typeof value === 'string'
  return kind === 'real' ? typeof value === 'number' : Number.isSafeInteger(value)
}

function roleFaults(site: Site, catalogue: Catalogue): SiteFault[] {
  return [...site.roles].flatMap(([role, { read, command }]) => [
    ...(ROLE_NAME.test(role)
      ? []
      : [
          fault('CAT_SITE_INVALID', ['roles', role], 'a role is named by 1 to 50 small letters, digits or -')
        ]),
    ...read.flatMap((pattern, at) =>
      readingFault(pattern, site.name).map(message =>
        fault('CAT_SITE_INVALID', ['roles', role, 'read', at], message)
      )
    ),
    ...command.flatMap((pattern, at) =>
      fitsNothing(pattern, site, catalogue)
        ? [fault('CAT_SITE_UNKNOWN', ['roles', role, 'command', at], `'${pattern}' fits no command`)]
        : []
    )
  ])
}

/** Why a role cannot read by a pattern: it is none, or brings nothing at this site, where its name is known. */
function readingFault(text: string, site: string): string[] {
  try {
    const pattern = parsePattern(text)
    const kept = site === '' || isKeptUnder(pattern, { streams: streamNames, site })
    return kept ? [] : [`'${text}' is no subject that this site keeps`]
  } catch (err) {
    return [AppError.from(err).message]
  }
}

const fault = (code: Code, path: SiteFault['path'], message: string): SiteFault => ({ code, path, message })

const duplicates = <T>(values: readonly T[]): T[] => [
  ...new Set(values.filter((value, at) => values.indexOf(value) !== at))
]
