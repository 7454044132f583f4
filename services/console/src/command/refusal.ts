import { type CommandName, roleCommands } from '@meridian/protocol/commands'
import type { MeAnswer } from '@meridian/protocol/http'
import { lackingText } from '../session/lacking-text.ts'
import { rolesOf } from '../session/reading.ts'
import { useShell } from '../shell.ts'

/**
 * Why the commanders will refuse a command, in words; undefined where they will not, and while the api has not told
 * what may be sent.
 */
function refusalOf(me: MeAnswer | undefined, target: CommandName): string | undefined {
  if (me === undefined || rolesOf(me).some(role => roleCommands(role, target))) return undefined
  return `You may not send ${target.command}: ${whyNot(me, target)}.`
}

function whyNot(me: MeAnswer, target: CommandName): string {
  const allowing = Object.entries(me.siteRoles).flatMap(([name, role]) =>
    roleCommands(role, target) ? [name] : []
  )
  return lackingText(me, { allowing, deed: 'send it' })
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
