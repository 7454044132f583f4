import type { Codec } from '@meridian/protocol/live'
import { matches } from '@meridian/subjects'
import type { PatternIndex } from './pattern-index.ts'
import type { Request, Requests } from './request.ts'
import type { Stream } from './stream.ts'
import { addEntry, type Entry, removeEntry, type Topic } from './topic.ts'
import { advance, type Member, type View } from './view.ts'

/** All views in use. One lives for as long as it has members. */
export interface Views {
  readonly size: number
  all(): Iterable<View>
  /** The view of these requests, made if need be; it has no member by that. */
  of(codec: Codec, requests: readonly Request[]): View
  leave(view: View, member: Member): void
  /** A new topic finds its views. */
  addTopic(topic: Topic): void
  removeTopic(topic: Topic): void
  /** What a view wants of a subject that is no topic any more. */
  projectionOf(view: View, subject: string): Pick<Entry, 'all' | 'projection'> | undefined
}

/** What views are made from. */
export interface ViewParts {
  readonly index: PatternIndex
  readonly requests: Requests
  readonly streams: ReadonlyMap<string, Stream>
}

/** No views yet. */
export function createViews({ index, requests, streams }: ViewParts): Views {
  const views = new Map<string, View>()
  let made = 0

  const wantsOf = (list: readonly Request[]): Pick<Entry, 'all' | 'periodTicks' | 'projection'> => ({
    all: list.some(r => r.all),
    periodTicks: Math.min(...list.map(r => (r.all ? 1 : r.periodTicks))),
    projection: requests.union(list)
  })
  const enter = (view: View, topic: Topic, list: readonly Request[]): void => {
    const entry: Entry = {
      view,
      topic,
      ...wantsOf(list),
      sentTick: Number.NEGATIVE_INFINITY,
      waiting: false,
      gone: false,
      at: 0
    }
    view.entries.set(topic, entry)
    if (entry.projection !== undefined) view.projects = true
    addEntry(entry)
  }
  const requestsFor = (view: View, subject: string): readonly Request[] =>
    view.requests.filter(r => matches(r.pattern, subject))

  const create = (key: string, codec: Codec, list: readonly Request[]): View => {
    const view = emptyView(key, made++, codec, list, streamsRead(list, streams))
    const wanted = new Map<Topic, Request[]>()
    for (const request of list)
      for (const topic of index.use(request.pattern, view).topics) {
        const known = wanted.get(topic)
        if (known === undefined) wanted.set(topic, [request])
        else known.push(request)
      }
    for (const [topic, sameTopic] of wanted) enter(view, topic, sameTopic)
    advance(view, true)
    views.set(key, view)
    return view
  }

  return {
    get size() {
      return views.size
    },
    all: () => views.values(),
    of(codec, list) {
      const distinct = [...new Set(list)].sort((a, b) => (a.key < b.key ? -1 : 1))
      const key = `${codec}\n${distinct.map(r => r.key).join('\n')}`
      return views.get(key) ?? create(key, codec, distinct)
    },
    leave(view, member) {
      view.members.delete(member)
      if (view.members.size > 0) return
      views.delete(view.key)
      for (const entry of view.entries.values()) removeEntry(entry)
      for (const request of view.requests) index.release(request.pattern, view)
    },
    addTopic(topic) {
      index.addTopic(topic)
      const found = new Set<View>()
      for (const use of topic.patterns) for (const view of use.views) found.add(view)
      for (const view of found) {
        enter(view, topic, requestsFor(view, topic.subject))
        view.unannounced.push(topic)
      }
    },
    removeTopic(topic) {
      index.removeTopic(topic)
      for (const entry of [...topic.all, ...topic.latest]) {
        removeEntry(entry)
        entry.view.entries.delete(topic)
      }
    },
    projectionOf(view, subject) {
      const list = requestsFor(view, subject)
      return list.length === 0 ? undefined : wantsOf(list)
    }
  }
}

const emptyView = (
  key: string,
  number: number,
  codec: Codec,
  requests: readonly Request[],
  streams: readonly Stream[]
): View => ({
  key,
  number,
  codec,
  requests,
  streams,
  entries: new Map(),
  members: new Set(),
  projects: false,
  now: [],
  tick: [],
  unannounced: [],
  tickHasAll: false,
  nowDue: false,
  tickDue: false,
  positions: new Map(),
  lastToken: ''
})

/** The streams of which these requests read every message of something. */
export function streamsRead(
  list: readonly Request[],
  streams: ReadonlyMap<string, Stream>
): readonly Stream[] {
  const everything = list.filter(r => r.all)
  return [...streams.values()].filter(stream => everything.some(r => mayRead(r, stream)))
}

/** Whether a request may match subjects of a stream, by its first token. */
export function mayRead(request: Request, stream: Stream): boolean {
  const first = request.pattern.tokens[0]
  return first === undefined || first === '*' || stream.classes.includes(first)
}
