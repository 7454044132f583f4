import { OWN_COMPONENTS, readSubject } from '@meridian/subjects'
import type { SourceTopic } from '../sources/source-topic.ts'

/** What of an instance was refused, or left out of a sample, for its operators. */
export interface RefusedData {
  readonly component: string
  readonly index: number
  /** The topic that was refused last. */
  readonly topic: string
  /** The field that was left out; empty where the whole message was refused. */
  readonly field: string
  /** Why, in words. */
  readonly reason: string
  /** Messages and fields of this instance that were refused since this process began. */
  readonly refused: number
}

/** What is refused: a field of a topic, or without `field` a whole message of it. */
interface Refused {
  readonly topic: Pick<SourceTopic, 'csc' | 'index' | 'name'>
  readonly field?: string
  readonly reason: string
}

/** Counts what is refused, by instance. */
export interface RefusedDataCounts {
  note(refused: Refused): void
  /** Notes a message by its subject, on `raw.` or where its sample goes; one of no component is not noted. */
  noteSubject(subject: string, reason: string): void
}

/** Clock of the counts, and who hears of them. */
export interface RefusedDataOptions {
  readonly steadyMs: () => number
  /**
   * Called, in a microtask, with the first refusal of an instance, whenever their number has doubled, and with the next one
   * after a minute: whoever hears nothing for longer may take it that nothing is refused any more.
   */
  readonly onRefused: (refused: RefusedData) => void
}

const TELL_AGAIN_MS = 60_000
/** Instances that are told of: each costs a name on EVT. */
const MAX_TOLD = 1_000
const MAX_CHARACTERS = 120
const OWN: ReadonlySet<string> = new Set(OWN_COMPONENTS)

interface Told {
  refused: number
  toldAt: number
  toldMs: number
}

/** Makes the counts of a process that has refused nothing yet. */
export function createRefusedData({ steadyMs, onRefused }: RefusedDataOptions): RefusedDataCounts {
  const instances = new Map<string, Told>()

  function toldOf(name: string): Told | undefined {
    const known = instances.get(name)
    if (known !== undefined || instances.size >= MAX_TOLD) return known
    const made = { refused: 0, toldAt: 0, toldMs: Number.NEGATIVE_INFINITY }
    instances.set(name, made)
    return made
  }

  function note({ topic: { csc: component, index, name }, field = '', reason }: Refused): void {
    const told = OWN.has(component) ? undefined : toldOf(`${component}:${index}`)
    if (told === undefined) return
    told.refused++
    if (told.refused < 2 * told.toldAt && steadyMs() - told.toldMs < TELL_AGAIN_MS) return
    told.toldAt = told.refused
    told.toldMs = steadyMs()
    const [topic, left] = [name, field].map(text => text.slice(0, MAX_CHARACTERS)) as [string, string]
    const { refused } = told
    // Whoever refuses may be in the midst of publishing.
    queueMicrotask(() => onRefused({ component, index, topic, field: left, reason, refused }))
  }

  return {
    note,
    noteSubject(subject, reason) {
      const parsed = readSubject(subject)
      if (parsed === undefined || !('csc' in parsed) || !('index' in parsed)) return
      const { csc, index } = parsed
      note({ topic: { csc, index, name: 'topic' in parsed ? parsed.topic : 'heartbeat' }, reason })
    }
  }
}
