import { patternOf, readSubject, scriptOf } from '@meridian/subjects'
import type { SubjectMove } from './move-subjects.ts'

const QUEUE = 'ScriptQueue'
/** Topics of a ScriptQueue that are keyed by the index of a script. */
const TOPICS = ['script', 'nextVisit', 'nextVisitCanceled']
const SCRIPT_INDEX = /^\d{1,9}$/

/**
 * What earlier versions kept in EVT under `evt.<site>.ScriptQueue.<queue>.<topic>.<scriptIndex>`, names that
 * grew with every night, stands in SCRIPT as `script.<site>.<queue>.<scriptIndex>.<topic>`.
 */
export const scriptMove = (site: string): SubjectMove => ({
  patterns: TOPICS.map(topic => `${patternOf('evt', { site, csc: QUEUE, topic })}.*`),
  to: 'SCRIPT',
  subjectOf(subject) {
    const old = readSubject(subject)
    if (old?.class !== 'evt' || old.key === undefined || !SCRIPT_INDEX.test(old.key)) return undefined
    return scriptOf({ site, queue: old.index, scriptIndex: Number(old.key), topic: old.topic })
  }
})
