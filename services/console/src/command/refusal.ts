import { type CommandName, roleCommands } from '@meridian/protocol/commands'
import type { MeAnswer } from '@meridian/protocol/http'
import { lackingText } from '../session/lacking-text.ts'
import { useShell } from '../shell.ts'

/**
 * Why the commanders will refuse a command, in words; undefined where they will not, and while the api has not told
 * what may be sent.
 */
function refusalOf(me: MeAnswer | undefined, target: CommandName): string | undefined {
  if (me === undefined || me.roles.some(role => commands(me, role, target))) return undefined
  const allowing = Object.keys(me.siteRoles).filter(role => commands(me, role, target))
  return `You may not send ${target.command}: ${lackingText(me, { allowing, deed: 'send it' })}.`
}

function commands({ siteRoles }: MeAnswer, name: string, target: CommandName): boolean {
  const role = Object.hasOwn(siteRoles, name) ? siteRoles[name] : undefined
  return role !== undefined && roleCommands(role, target)
}

/** `refusalOf` for the commands of one component, by what the api has told last. */
export function useRefusals(csc: string): (command: string) => string | undefined {
  const me = useShell().me.value
  return command => refusalOf(me, { csc, command })
}
