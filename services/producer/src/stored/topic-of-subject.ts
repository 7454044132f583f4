import type { Catalogue } from '@meridian/catalogue'
import { readSubject } from '@meridian/subjects'
import type { SourceTopic } from '../sources/source-topic.ts'

/** The topic whose samples go to a subject; undefined for a subject of no sample. */
export type TopicOfSubject = (subject: string) => SourceTopic | undefined

/** Reads subjects of samples back: the other way round of a route. */
export function createTopicOfSubject(catalogue: Catalogue): TopicOfSubject {
  const events = catalogue.component('ScriptQueue')?.events.values() ?? []
  const ofQueue = new Set(
    [...events].filter(topic => topic.scriptIndexField !== undefined).map(({ name }) => name)
  )
  return subject => {
    const parsed = readSubject(subject)
    switch (parsed?.class) {
      case 'tel':
      case 'evt':
        return { csc: parsed.csc, index: parsed.index, kind: parsed.class, name: parsed.topic }
      case 'hb':
        return { csc: parsed.csc, index: parsed.index, kind: 'hb', name: 'heartbeat' }
      case 'script':
        return ofQueue.has(parsed.topic)
          ? { csc: 'ScriptQueue', index: parsed.queue, kind: 'evt', name: parsed.topic }
          : scriptTopic(parsed.scriptIndex, parsed.topic)
      default:
        return undefined
    }
  }
}

const scriptTopic = (index: number, name: string): SourceTopic => ({
  csc: 'Script',
  index,
  kind: name === 'heartbeat' ? 'hb' : 'evt',
  name
})
