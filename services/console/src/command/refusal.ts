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
  return `You may not send ${target.command}: ${whyNot(me, target)}.`
}

function whyNot(me: MeAnswer, target: CommandName): string {
  const allowing = Object.keys(me.siteRoles).filter(role => commands(me, role, target))
  return lackingText(me, { allowing, deed: 'send it' })
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

/** Why those of several commands of one component will be refused that will, in a sentence for each reason. */
export function useRefusalTexts(csc: string, names: readonly string[]): readonly string[] {
  const me = useShell().me.value
  if (me === undefined) return []
  const refused = names.filter(command => refusalOf(me, { csc, command }) !== undefined)
  const reasons = new Set(refused.map(command => whyNot(me, { csc, command })))
  const because = (why: string) => refused.filter(command => whyNot(me, { csc, command }) === why)
  return [...reasons].map(why => `You may not send ${because(why).join(', ')}: ${why}.`)
}
