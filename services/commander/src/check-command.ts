import { lacksScope, type Principal, type Rights } from '@meridian/auth'
import type { Catalogue, CommandParameters, Component, Site, Topic } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { InstanceRef } from '@meridian/subjects'
import { type HeartbeatMonitor, silentMsOf } from './heartbeat-monitor.ts'
import { type CheckedParams, checkParameters, checkUncatalogued } from './parameters.ts'

/** A command and the instance that should execute it. */
export interface Target extends InstanceRef {
  readonly command: string
}

/** The catalogue, the instances, their heartbeats and the rights that commands are checked against. */
export interface CheckFacts {
  readonly catalogue: Catalogue
  /** Instances of the site by component. */
  readonly instances: ReadonlyMap<string, readonly number[]>
  readonly heartbeats: HeartbeatMonitor
  readonly rights: Pick<Rights, 'commandersOf' | 'mayCommand'>
  /** The default parameters of a stop; undefined for a command that is none. */
  readonly stopParametersOf: (csc: string, command: string) => CommandParameters | undefined
}

/** A command that may be accepted. */
export interface CheckedCommand extends CheckedParams {
  /** A stop goes out whatever is known of the component. */
  readonly isStop: boolean
  /** For what any other command would have been refused. */
  readonly warning?: AppError
}

/** Groups the instances of a site by component. */
export function instancesOf(site: Site): ReadonlyMap<string, readonly number[]> {
  const instances = new Map<string, number[]>()
  for (const { csc, index } of site.instances) instances.set(csc, [...(instances.get(csc) ?? []), index])
  return instances
}

/**
 * Checks component, instance, command, parameters and rights, in this order, and throws the coded refusal.
 * Whether the component's state allows the command is left to the component. A stop is checked for its form
 * and for rights alone: a component or instance that is not known becomes its warning.
 */
export function checkCommand(
  facts: CheckFacts,
  target: Target,
  { params, principal }: { params: Readonly<Record<string, unknown>>; principal: Principal }
): CheckedCommand {
  const { csc, command } = target
  const stop = facts.stopParametersOf(csc, command)
  const component = facts.catalogue.component(csc)
  const unknown = findUnknown(facts, target)
  if (unknown !== undefined && (stop === undefined || isMisspelt(csc, facts.catalogue))) throw unknown
  const checked =
    component === undefined
      ? checkUncatalogued(params, stop)
      : checkParameters(topicOf(component, command), component, params, stop)
  if (!facts.rights.mayCommand(principal, target)) throw notAllowed(facts, target, principal)
  return { ...checked, isStop: stop !== undefined, ...(unknown !== undefined && { warning: unknown }) }
}

function notAllowed({ rights }: CheckFacts, target: Target, principal: Principal): AppError {
  const { name, roles } = principal
  const allowing = rights.commandersOf(target)
  const needed = allowing.length > 0 ? `it needs ${allowing.join(' or ')}` : 'no role of this site allows it'
  const isOfToken = lacksScope(principal, 'command')
  const by = isOfToken
    ? `a personal token of ${name} without the scope 'command'`
    : `${name}, whose roles are ${roles.join(', ') || 'none'}; ${needed}`
  const detail = `${target.csc}.${target.command} by ${by}`
  const lacked = isOfToken ? { scope: 'command' } : { roles: allowing }
  return new AppError('CMD_NOT_ALLOWED', { detail, principal: name, ...nameOf(target), ...lacked })
}

function findUnknown(facts: CheckFacts, target: Target): AppError | undefined {
  const { csc, index } = target
  if (facts.heartbeats.ageMs(csc, index) !== undefined) return undefined
  if (facts.catalogue.component(csc) === undefined && !facts.instances.has(csc))
    return unknownComponent(csc, facts.catalogue)
  return facts.instances.get(csc)?.includes(index) ? undefined : unknownInstance(target, facts)
}

const likelyName = (csc: string, { components }: Catalogue): string | undefined =>
  components.find(name => name.toLowerCase() === csc.toLowerCase())

/** A name that differs from one of the catalogue in its capitals only. */
const isMisspelt = (csc: string, catalogue: Catalogue): boolean =>
  catalogue.component(csc) === undefined && likelyName(csc, catalogue) !== undefined

const nameOf = ({ csc, index, command }: Target) => ({ csc, index, command })

function unknownComponent(csc: string, catalogue: Catalogue): AppError {
  const likely = likelyName(csc, catalogue)
  return new AppError('CMD_UNKNOWN_COMPONENT', {
    detail: `'${csc}'${likely === undefined ? '' : `; did you mean '${likely}'?`}`,
    csc
  })
}

function unknownInstance({ csc, index }: Target, { instances }: CheckFacts): AppError {
  const indices = instances.get(csc) ?? []
  return new AppError('CMD_UNKNOWN_INSTANCE', { detail: `${csc}:${index}`, csc, index, indices })
}

function topicOf(component: Component, command: string): Topic {
  const topic = component.commands.get(command)
  if (topic !== undefined) return topic
  const commands = [...component.commands.keys()]
  const likely = commands.find(name => name.toLowerCase() === command.toLowerCase())
  throw new AppError('CMD_UNKNOWN_COMMAND', {
    detail: `${component.name}.${command}${likely === undefined ? '' : `; did you mean '${likely}'?`}`,
    csc: component.name,
    command,
    commands
  })
}

/** Heartbeats of different instances come within this of each other, ms. */
const APART_MS = 2_000

/** What to add where an instance fell silent with all others: something else than it may be at fault. */
function linkText(heartbeats: HeartbeatMonitor, { csc, index }: Target): string {
  const heard = heartbeats.heardOf({ csc, index })
  if (heard === undefined || heartbeats.link.lastMs - heard.lastMs > APART_MS) return ''
  return '; no other heartbeat has come since, so that the way from the components may be broken'
}

/** The refusal CMD_OFFLINE where the instance's heartbeat is silent; undefined where it is alive. */
export function findOffline(heartbeats: HeartbeatMonitor, target: Target): AppError | undefined {
  const { csc, index } = target
  if (heartbeats.alive(csc, index)) return undefined
  const ageMs = heartbeats.ageMs(csc, index)
  const silentSeconds = ageMs === undefined ? undefined : Math.round(ageMs / 100) / 10
  const detail =
    silentSeconds === undefined
      ? `${csc}:${index} has sent no heartbeat`
      : `${csc}:${index} has sent no heartbeat for ${silentSeconds} s, allowed are ${silentMsOf(csc) / 1000} s${linkText(heartbeats, target)}`
  return new AppError('CMD_OFFLINE', {
    detail,
    csc,
    index,
    ...(silentSeconds !== undefined && { silentSeconds })
  })
}
