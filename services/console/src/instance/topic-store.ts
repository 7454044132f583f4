import type { Update } from '@meridian/client'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import { firstTopicRank } from './first-topics.ts'

/** The newest message of a topic. */
export interface Latest {
  readonly fields: Readonly<Record<string, unknown>>
  /** TAI seconds, of the source. */
  readonly time: number
}

const rankOf = (topic: TopicModel): number => firstTopicRank(topic.csc, topic.name)

/** One topic, or one object of a keyed topic, of the instance on show. */
export interface TopicModel {
  readonly subject: string
  readonly csc: string
  readonly kind: 'telemetry' | 'event'
  readonly name: string
  readonly key: string | undefined
  readonly uncatalogued: boolean
  readonly latest: Signal<Latest>
  /** When the newest message was true, on this machine's clock. */
  readonly heardMs: Signal<number>
}

/** The topics of one instance. */
export interface TopicStore {
  readonly topics: ReadonlySignal<readonly TopicModel[]>
  /** Takes an update. A new topic shows at the next `settle`, news of a known one at the next `show`. */
  apply(update: Update, heardMs: number): void
  /** Brings new topics to the page, all that came together in one go. */
  settle(): void
  /** Brings the newest values to the page: called at a pace that eyes can follow, whatever rate they come at. */
  show(): void
}

const fieldCountOf = (fields: Latest['fields']): number => Object.keys(fields).length

const inOrder = new Intl.Collator('en', { numeric: true })

/** What an operator needs first, then telemetry, then events, each by name. */
const byImportance = (a: TopicModel, b: TopicModel): number =>
  rankOf(a) - rankOf(b) ||
  inOrder.compare(b.kind, a.kind) ||
  inOrder.compare(a.name, b.name) ||
  inOrder.compare(a.key ?? '', b.key ?? '')

/** Creates an empty store. */
export function createTopicStore(): TopicStore {
  const bySubject = new Map<string, TopicModel>()
  const topics = signal<readonly TopicModel[]>([])
  const waiting = new Map<string, { readonly update: Update; readonly heardMs: number }>()

  function add(update: Update, heardMs: number): void {
    const { subject, parts, uncatalogued, fields, time } = update
    bySubject.set(subject, {
      subject,
      csc: parts.csc,
      kind: parts.class === 'tel' ? 'telemetry' : 'event',
      name: parts.topic,
      key: parts.key,
      uncatalogued,
      latest: signal({ fields, time }),
      heardMs: signal(heardMs)
    })
  }

  /** Sorting thousands of topics for each of them would take seconds: a camera's snapshot has that many. */
  function settle(): void {
    if (bySubject.size !== topics.peek().length) topics.value = [...bySubject.values()].sort(byImportance)
  }

  return {
    topics,
    apply(update, heardMs) {
      if (bySubject.has(update.subject)) waiting.set(update.subject, { update, heardMs })
      else add(update, heardMs)
    },
    settle,
    show() {
      settle()
      let hasNewFields = false
      for (const [subject, { update, heardMs }] of waiting) {
        const topic = bySubject.get(subject) as TopicModel
        hasNewFields ||= fieldCountOf(topic.latest.peek().fields) !== fieldCountOf(update.fields)
        topic.latest.value = { fields: update.fields, time: update.time }
        topic.heardMs.value = heardMs
      }
      waiting.clear()
      // The table lists what is sent: a topic whose first message came without fields gets its lines here.
      if (hasNewFields) topics.value = [...topics.peek()]
    }
  }
}
