import type { Update } from '@meridian/client'
import { type ReadonlySignal, signal } from '@preact/signals'
import { instanceIdOf } from './instance-model.ts'

/** What a producer told of the data of an instance that it refused. */
export interface RefusedData {
  readonly producer: number
  readonly topic: string
  /** The field that was left out; empty where the whole message was refused. */
  readonly field: string
  readonly reason: string
  /** Messages and fields since that producer began. */
  readonly refused: number
  /** When that was told, TAI seconds. */
  readonly time: number
}

/** What was refused, by instance. */
export interface RefusedDataLog {
  readonly byId: ReadonlySignal<ReadonlyMap<string, readonly RefusedData[]>>
  /** Takes an event of a producer; false when it tells of no refusal. */
  apply(update: Update): boolean
}

/** A producer tells each minute as long as it goes on refusing; so long after that it has ended, seconds. */
const ENDED_AFTER_S = 90
/** What ended longer ago is no news any more, seconds. */
const SHOWN_S = 3600

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Creates a log that knows of no refusal. */
export function createRefusedDataLog(): RefusedDataLog {
  const byId = signal<ReadonlyMap<string, readonly RefusedData[]>>(new Map())

  function apply({ parts, fields, received }: Update): boolean {
    const { component, index, refused } = fields
    if (parts.csc !== 'Producer' || parts.topic !== 'refusedData' || typeof component !== 'string')
      return false
    const id = instanceIdOf(component, Number(index))
    const told: RefusedData = {
      producer: parts.index,
      topic: textOf(fields['topic']),
      field: textOf(fields['field']),
      reason: textOf(fields['reason']),
      refused: Number(refused),
      time: received
    }
    const others = (byId.peek().get(id) ?? []).filter(({ producer }) => producer !== told.producer)
    byId.value = new Map(byId.peek()).set(id, [...others, told])
    return true
  }

  return { byId, apply }
}

/**
 * What to say at `nowTai` of what one producer refused: whether that goes on, how much it was, and the last of
 * it; undefined once it is no news any more.
 */
export function refusedText({ topic, field, reason, refused, time }: RefusedData, nowTai: number) {
  if (nowTai - time > SHOWN_S) return undefined
  const isOver = nowTai - time > ENDED_AFTER_S
  const what = field === '' ? `a message of ${topic}` : `${field} of ${topic}`
  return { isOver, text: `${refused} refused, ${isOver ? 'the last' : 'lately'} ${what}: ${reason}` }
}
