import type { Update } from '@meridian/client'
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals'

/** The newest message of a topic. */
interface Latest {
  readonly fields: Readonly<Record<string, unknown>>
  /** TAI seconds, of the source. */
  readonly time: number
}

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

/** The topics of one instance, by importance, each with its newest message. */
export interface TopicStore {
  readonly topics: ReadonlySignal<readonly TopicModel[]>
  /** Takes an update. A new topic shows at the next `settle`, news of a known one at the next `show`. */
  apply(update: Update, heardMs: number): void
  /** Drops what was last heard before an instant: its names were removed from the record. */
  forget(beforeMs: number): void
  /** Brings new topics to the page, all that came together in one go. */
  settle(): void
  /**
   * Brings the newest values to the page: called at a pace that eyes can follow, whatever rate they come at.
   */
  show(): void
}

/** How many fields and elements there are: with another number of them the table has other lines. */
function sizeOf(fields: Latest['fields']): number {
  let size = 0
  for (const value of Object.values(fields)) size += Array.isArray(value) ? 1 + value.length : 1
  return size
}

const inOrder = new Intl.Collator('en', { numeric: true })

/** Topics by importance: what the site wants seen first, then telemetry, then events, each by name. */
function sorted(topics: readonly TopicModel[], firstTopics: readonly string[]): readonly TopicModel[] {
  const ranks = new Map(firstTopics.map((name, rank) => [name, rank]))
  const rankOf = ({ name }: TopicModel): number => ranks.get(name) ?? firstTopics.length
  return [...topics].sort(
    (a, b) =>
      rankOf(a) - rankOf(b) ||
      inOrder.compare(b.kind, a.kind) ||
      inOrder.compare(a.name, b.name) ||
      inOrder.compare(a.key ?? '', b.key ?? '')
  )
}

/** Which script an event is about: a queue's events about its scripts come one subject a script. */
const scriptKeyOf = ({ class: kind, index }: Update['parts']): string | undefined =>
  kind === 'script' ? String(index) : undefined

/** Creates an empty store; `firstTopics` may come later than the topics. */
export function createTopicStore(firstTopics: ReadonlySignal<readonly string[]>): TopicStore {
  const bySubject = new Map<string, TopicModel>()
  const heard = signal<readonly TopicModel[]>([])
  const inPlace = computed(() => sorted(heard.value, firstTopics.value))
  /** Goes up when known topics have other fields, or longer arrays, than before. */
  const changes = signal(0)
  const topics = computed(() => (changes.value === 0 ? inPlace.value : [...inPlace.value]))
  const waiting = new Map<string, { readonly update: Update; readonly heardMs: number }>()

  function add(update: Update, heardMs: number): void {
    const { subject, parts, uncatalogued, fields, time } = update
    bySubject.set(subject, {
      subject,
      csc: parts.csc,
      kind: parts.class === 'tel' ? 'telemetry' : 'event',
      name: parts.topic,
      key: parts.key ?? scriptKeyOf(parts),
      uncatalogued,
      latest: signal({ fields, time }),
      heardMs: signal(heardMs)
    })
  }

  /** Sorting thousands of topics for each of them would take seconds: a camera's snapshot has that many. */
  function settle(): void {
    if (bySubject.size !== heard.peek().length) heard.value = [...bySubject.values()]
  }

  return {
    topics,
    apply(update, heardMs) {
      if (bySubject.has(update.subject)) waiting.set(update.subject, { update, heardMs })
      else add(update, heardMs)
    },
    forget(beforeMs) {
      for (const [subject, { heardMs }] of bySubject) {
        if ((waiting.get(subject)?.heardMs ?? heardMs.peek()) > beforeMs) continue
        bySubject.delete(subject)
        waiting.delete(subject)
      }
      heard.value = [...bySubject.values()]
    },
    settle,
    show() {
      settle()
      let hasNewFields = false
      for (const [subject, { update, heardMs }] of waiting) {
        const topic = bySubject.get(subject) as TopicModel
        hasNewFields ||= sizeOf(topic.latest.peek().fields) !== sizeOf(update.fields)
        topic.latest.value = { fields: update.fields, time: update.time }
        topic.heardMs.value = heardMs
      }
      waiting.clear()
      // The table lists what is sent: a topic whose first message came without fields gets its lines here.
      if (hasNewFields) changes.value++
    }
  }
}
