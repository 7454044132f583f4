import type { Update } from '@meridian/client'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'

/** The newest message of a topic. */
export interface Latest {
  readonly fields: Readonly<Record<string, unknown>>
  /** TAI seconds, of the source. */
  readonly time: number
}

/** One topic, or one object of a keyed topic, of the instance on show. */
export interface TopicModel {
  readonly subject: string
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
  apply(update: Update, heardMs: number): void
}

/** Telemetry first, then events, each by name. */
const byKindAndName = (a: TopicModel, b: TopicModel): number =>
  b.kind.localeCompare(a.kind) ||
  a.name.localeCompare(b.name) ||
  (a.key ?? '').localeCompare(b.key ?? '', 'en', { numeric: true })

/** Creates an empty store. */
export function createTopicStore(): TopicStore {
  const bySubject = new Map<string, TopicModel>()
  const topics = signal<readonly TopicModel[]>([])

  function add(update: Update, heardMs: number): void {
    const { subject, parts, uncatalogued, fields, time } = update
    bySubject.set(subject, {
      subject,
      kind: parts.class === 'tel' ? 'telemetry' : 'event',
      name: parts.topic,
      key: parts.key,
      uncatalogued,
      latest: signal({ fields, time }),
      heardMs: signal(heardMs)
    })
    topics.value = [...bySubject.values()].sort(byKindAndName)
  }

  return {
    topics,
    apply(update, heardMs) {
      const topic = bySubject.get(update.subject)
      if (topic === undefined) return add(update, heardMs)
      topic.latest.value = { fields: update.fields, time: update.time }
      topic.heardMs.value = heardMs
    }
  }
}
