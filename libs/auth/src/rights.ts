import type { SiteRole } from '@meridian/catalogue'
import { type CommandName, roleCommands } from '@meridian/protocol/commands'
import type { TokenScope } from '@meridian/protocol/http'
import { intersect, type Pattern, parsePattern, withoutInner } from '@meridian/subjects'
import { lacksScope, type Principal } from './principal.ts'

/** What the roles of a site allow. Every door asks through this interface, and so do the commanders. */
export interface Rights {
  /**
   * The patterns within `pattern` that the principal may read, none inside another; empty where it may read
   * nothing of it, and the pattern itself where it may read all. Throws WIR_BAD_PATTERN.
   */
  readable(principal: Principal, pattern: string): readonly string[]
  /** Whether the principal may send this command to instances of this component. */
  mayCommand(principal: Principal, target: CommandName): boolean
  /** Whether the principal may make, change and log out users; with a personal token nobody may. */
  mayManageUsers(principal: Principal): boolean
  /** Names of the roles that may manage users, for a refusal to name. */
  managersOfUsers(): readonly string[]
  /** Names of the roles that may read something of a pattern, for a refusal to name. */
  readersOf(pattern: string): readonly string[]
  /** Whether the principal's roles allow anything of what a personal token may be made for. */
  hasAny(principal: Principal, scope: TokenScope): boolean
  /** Names of the roles that allow something of a scope, for a refusal to name. */
  rolesWith(scope: TokenScope): readonly string[]
  /** Names of the roles that may send a command, for a refusal to name. */
  commandersOf(target: CommandName): readonly string[]
}

interface ReadRole extends SiteRole {
  readonly reads: readonly Pattern[]
}

/** Answers that are remembered: clients that come back together ask for the same patterns with the same roles. */
const REMEMBERED = 2_000

/** The rights that a site's roles give. A role that the site does not have gives none. */
export function createRights(roles: ReadonlyMap<string, SiteRole>): Rights {
  const known = new Map(
    [...roles].map(([name, role]): [string, ReadRole] => [
      name,
      { ...role, reads: role.read.map(parsePattern) }
    ])
  )
  const rolesOf = ({ roles: names }: Principal): ReadRole[] => names.flatMap(name => known.get(name) ?? [])
  const partsFor = (principal: Principal, text: string): readonly string[] => {
    const asked = parsePattern(text)
    return withoutInner(rolesOf(principal).flatMap(role => partsOf(role, asked)))
  }
  const readable = new Map<string, readonly string[]>()
  const namesWhere = (allows: (role: ReadRole) => boolean): string[] =>
    [...known].filter(([, role]) => allows(role)).map(([name]) => name)
  return {
    readable(principal, text) {
      if (lacksScope(principal, 'read')) return []
      // With the number of roles: a text with line ends is no role of somebody who has none.
      const key = [principal.roles.length, ...principal.roles, text].join('\n')
      const known = readable.get(key)
      if (known !== undefined) return known
      if (readable.size === REMEMBERED) readable.clear()
      const parts = partsFor(principal, text)
      readable.set(key, parts)
      return parts
    },
    mayCommand: (principal, target) =>
      !lacksScope(principal, 'command') && rolesOf(principal).some(role => roleCommands(role, target)),
    mayManageUsers: principal =>
      principal.scopes === undefined && rolesOf(principal).some(role => role.users === true),
    hasAny: (principal, scope) => rolesOf(principal).some(role => role[scope].length > 0),
    rolesWith: scope => namesWhere(role => role[scope].length > 0),
    managersOfUsers: () => namesWhere(role => role.users === true),
    readersOf(text) {
      const asked = parsePattern(text)
      return namesWhere(role => partsOf(role, asked).length > 0)
    },
    commandersOf: target => namesWhere(role => roleCommands(role, target))
  }
}

const partsOf = ({ reads }: ReadRole, asked: Pattern): string[] =>
  reads.flatMap(read => intersect(asked, read))
