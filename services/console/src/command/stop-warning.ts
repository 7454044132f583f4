import type { CommandAccepted, CommandState } from '@meridian/protocol/commands'
import { utcMsOf } from '@meridian/time'
import { clockTextOf } from '../format/stamp.ts'

/** Why a stop might not be heard, as the commander knew it when it accepted the stop. */
export interface StopWarning {
  readonly code: string
  readonly message: string
  /** For how long no heartbeat had come; undefined where none ever came, or where it warns of something else. */
  readonly silentSeconds: number | undefined
  /** When that was known, TAI seconds. */
  readonly time: number
}

/** What the answer to a stop warned of, with the seconds for which the component has been silent; undefined without warning. */
export function warningOf({ warning, acceptedAt }: CommandAccepted): StopWarning | undefined {
  if (warning === undefined) return undefined
  const { code, message, facts } = warning
  const silent = facts?.['silentSeconds']
  return { code, message, silentSeconds: typeof silent === 'number' ? silent : undefined, time: acceptedAt }
}

/** Stages that only a component brings about: it heard the command. */
const HEARD: ReadonlySet<string> = new Set<CommandState>([
  'inProgress',
  'complete',
  'failed',
  'aborted',
  'refused'
])

function knownText({ code, message, silentSeconds }: StopWarning, target: string): string {
  if (code !== 'CMD_OFFLINE') return message
  const since = silentSeconds === undefined ? '' : ` for ${silentSeconds} s`
  return `no heartbeat of ${target} had reached the commanders${since}, so it might not hear this`
}

/** The part of a command on the page that a warning hangs on. */
interface Warned {
  readonly target: string
  readonly warning: StopWarning | undefined
  readonly steps: ReadonlyArray<{ readonly state: string }>
}

/**
 * What was known when a stop was accepted, and when that was. Undefined once it is true no longer: the
 * component has answered this command, or its heartbeat came after that time; `heardTai` is when it last did.
 */
export function standingWarningOf({ target, warning, steps }: Warned, heardTai?: number): string | undefined {
  if (warning === undefined || steps.some(({ state }) => HEARD.has(state))) return undefined
  if (warning.code === 'CMD_OFFLINE' && heardTai !== undefined && heardTai > warning.time) return undefined
  return `When it was accepted, at ${clockTextOf(utcMsOf(warning.time))} UTC: ${knownText(warning, target)}`
}
