import { askedAt, type CommandEntry, stateOf } from './command-entry.ts'

/**
 * Time left until the next stage of a command is due, or for how long one without such a time has been running;
 * one that no commander has taken is not running. Times are TAI seconds.
 */
export function countdownText(entry: CommandEntry, nowTai: number): string {
  const { dueTai } = entry
  const age = `${Math.max(0, Math.floor(nowTai - askedAt(entry)))} s`
  if (stateOf(entry) === 'sending') return `not taken yet, ${age}`
  if (dueTai === undefined) return `running for ${age}`
  const seconds = Math.ceil(dueTai - nowTai)
  return seconds >= 0 ? `${seconds} s left` : `overdue by ${-seconds} s`
}
