import type { Principal, Rights } from '@meridian/auth'
import type { Catalogue, Component, Site, Topic } from '@meridian/catalogue'
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
  readonly rights: Rights
}

/** Groups the instances of a site by component. */
export function instancesOf(site: Site): ReadonlyMap<string, readonly number[]> {
  const instances = new Map<string, number[]>()
  for (const { csc, index } of site.instances) instances.set(csc, [...(instances.get(csc) ?? []), index])
  return instances
}

/**
 * Checks component, instance, command, parameters and rights, in this order, and throws the coded refusal.
 * Whether the component's state allows the command is left to the component.
 */
export function checkCommand(
  facts: CheckFacts,
  target: Target,
  { params, principal }: { params: Readonly<Record<string, unknown>>; principal: Principal }
): CheckedParams {
  const { csc, index } = target
  const component = facts.catalogue.component(csc)
  const hasHeartbeat = facts.heartbeats.ageMs(csc, index) !== undefined
  if (component === undefined && !hasHeartbeat) throw unknownComponent(csc, facts.catalogue)
  if (!hasHeartbeat && !facts.instances.get(csc)?.includes(index)) throw unknownInstance(target, facts)
  const checked =
    component === undefined
      ? checkUncatalogued(params)
      : checkParameters(topicOf(component, target.command), component, params)
  if (!facts.rights.mayCommand(principal, target))
    throw new AppError('CMD_NOT_ALLOWED', { principal: principal.name, ...nameOf(target) })
  return checked
}

const nameOf = ({ csc, index, command }: Target) => ({ csc, index, command })

function unknownComponent(csc: string, { components }: Catalogue): AppError {
  const likely = components.find(name => name.toLowerCase() === csc.toLowerCase())
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

/** Throws CMD_OFFLINE where the instance's heartbeat is silent. */
export function assertAlive(heartbeats: HeartbeatMonitor, { csc, index }: Target): void {
  if (heartbeats.alive(csc, index)) return
  const ageMs = heartbeats.ageMs(csc, index)
  const silentSeconds = ageMs === undefined ? undefined : Math.round(ageMs / 100) / 10
  const detail =
    silentSeconds === undefined
      ? `${csc}:${index} has sent no heartbeat`
      : `${csc}:${index} has sent no heartbeat for ${silentSeconds} s, allowed are ${silentMsOf(csc) / 1000} s`
  throw new AppError('CMD_OFFLINE', {
    detail,
    csc,
    index,
    ...(silentSeconds !== undefined && { silentSeconds })
  })
}
