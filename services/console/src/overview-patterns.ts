import { everythingBelow, patternOf } from '@meridian/subjects'

/** What changes of state are made of, live and on the record: `site` is left open for the live ones. */
export const changePatterns = (site?: string): readonly string[] => [
  patternOf('evt', { ...(site && { site }), topic: 'summaryState' }),
  patternOf('evt', { ...(site && { site }), csc: 'Liveness', topic: 'component' })
]

/** The alarms of the Watcher. */
export const ALARM_PATTERN = patternOf('evt', { csc: 'Watcher', topic: 'alarm' })

/**
 * All the overview lives on: heartbeats, states, silence, errors, alarms, who is forgotten, and what
 * producers say that they carry and refuse, and of clocks.
 */
export const OVERVIEW_PATTERNS = [
  { pattern: patternOf('hb', {}), quality: 'latest', rate: 1 },
  ...changePatterns().map(pattern => ({ pattern, quality: 'all' }) as const),
  { pattern: patternOf('evt', { csc: 'Liveness', topic: 'forgotten' }), quality: 'all' },
  ...['carries', 'refusedData', 'refusedNames', 'clockOffset'].map(
    topic => ({ pattern: patternOf('evt', { csc: 'Producer', topic }), quality: 'all' }) as const
  ),
  { pattern: patternOf('evt', { topic: 'errorCode' }), quality: 'all' },
  { pattern: ALARM_PATTERN, quality: 'all' }
] as const

/** Names only, no values: what sends telemetry without ever having been heard of. */
export const DISCOVERY_PATTERNS = [
  { pattern: everythingBelow('tel', {}), quality: 'latest', rate: 0.2, fields: [] }
] as const
