import { tokensOf } from '@meridian/subjects'
import type { LiveTopic } from './live-topic.ts'

/** Class, site and component: what one sender of too many names can fill. */
const componentOf = (subject: string): string => tokensOf(subject).slice(0, 3).join('.')

/**
 * As many topics as `limit`, shared fairly: a component with few keeps all of them, those with the most give
 * way, their newest topics first.
 */
export function fairShare(topics: Iterable<LiveTopic>, limit: number): ReadonlySet<LiveTopic> {
  const components = new Map<string, LiveTopic[]>()
  for (const topic of topics) {
    const component = componentOf(topic.subject)
    const known = components.get(component)
    if (known === undefined) components.set(component, [topic])
    else known.push(topic)
  }
  const smallestFirst = [...components.values()].sort((a, b) => a.length - b.length)
  const kept = new Set<LiveTopic>()
  for (const [i, group] of smallestFirst.entries()) {
    const share = Math.floor((limit - kept.size) / (smallestFirst.length - i))
    for (const topic of group.slice(0, share)) kept.add(topic)
  }
  return kept
}
