import { patternOf } from '@meridian/subjects'
import type { Reading } from '../session/reading.ts'
import { queueStatePattern } from './instance-patterns.ts'

const refusedText = (what: string, why: string | undefined): string | undefined =>
  why && `You may not read ${what}: ${why}.`

/** What of the values of an instance is not on its page since it may not be read; undefined for nothing. Reads signals. */
export function unreadableValues(reading: Reading, csc: string, index: number): string | undefined {
  const [telemetry, events] = (['tel', 'evt'] as const).map(kind =>
    reading.refusalOf([patternOf(kind, { csc, index })])
  )
  if (telemetry !== undefined && events !== undefined) return refusedText('what it says', telemetry)
  return refusedText('its telemetry', telemetry) ?? refusedText('its events', events)
}

/** That a queue's state may not be read; undefined where it may. Reads signals. */
export const unreadableQueue = (reading: Reading, index: number): string | undefined =>
  refusedText('the state of this queue', reading.refusalOf([queueStatePattern(index)]))
