import type { PatternRequest } from '@meridian/protocol/live'
import { patternOf, QUEUE_STATE_CSC } from '@meridian/subjects'

/** Readable by eye; plots ask for every message of what they show, and then the table gets those too. */
const TABLE_RATE = 2

/** What a queue says of one script is published with that script, not with the queue. */
const QUEUE_TOPICS_OF_SCRIPTS = ['script', 'nextVisit', 'nextVisitCanceled']

/** Everything that an instance says, and for a ScriptQueue what it says of its scripts. */
export function instancePatterns(csc: string, index: number): readonly PatternRequest[] {
  return [
    { pattern: patternOf('tel', { csc, index }), quality: 'latest', rate: TABLE_RATE },
    { pattern: patternOf('evt', { csc, index }), quality: 'all' },
    ...scriptPatterns(csc, index).map(pattern => ({ pattern, quality: 'all' }) as const)
  ]
}

/** The events among them as one site's record is asked for them. */
export const recordedPatterns = (site: string, csc: string, index: number): readonly string[] => [
  patternOf('evt', { site, csc, index }),
  ...scriptPatterns(csc, index, site)
]

/** The reduced state of a ScriptQueue, which is published as another component's events. */
export const queuePatterns = (csc: string, index: number): readonly PatternRequest[] =>
  csc === 'ScriptQueue' ? [{ pattern: queueStatePattern(index) }] : []

/** The events that tell of one queue. */
export const queueStatePattern = (index: number): string => patternOf('evt', { csc: QUEUE_STATE_CSC, index })

function scriptPatterns(csc: string, index: number, site?: string): readonly string[] {
  const at = site === undefined ? {} : { site }
  if (csc === 'Script') return [patternOf('script', { ...at, scriptIndex: index })]
  if (csc !== 'ScriptQueue') return []
  return QUEUE_TOPICS_OF_SCRIPTS.map(topic => patternOf('script', { ...at, queue: index, topic }))
}
