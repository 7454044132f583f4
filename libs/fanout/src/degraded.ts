import { classOf } from '@meridian/subjects'
import type { Degradation } from './ladder.ts'
import { EVERY_MESSAGE, type LiveTopic } from './live-topic.ts'
import type { Wants } from './pattern-set.ts'
import type { Stream } from './stream.ts'

/** Ticks of 50 ms between two last values, at least: four a second, and one. */
const SLOWER_TICKS = 5
const LATEST_TICKS = 20

/**
 * What is left of the wants of a topic on a step of the ladder; undefined: nothing. Heartbeats are never paused:
 * without them a page takes every component for silent.
 */
export function degraded(wants: Wants, step: Degradation, topic: LiveTopic): Wants | undefined {
  const kind = classOf(topic.subject)
  if (step === 'none' || (kind !== 'tel' && kind !== 'hb')) return wants
  if (step === 'paused' && kind === 'tel') return undefined
  const { periodTicks } = wants
  if (step !== 'slower') return { ...wants, periodTicks: Math.max(periodTicks, LATEST_TICKS) }
  return periodTicks === EVERY_MESSAGE
    ? wants
    : { ...wants, periodTicks: Math.max(periodTicks, SLOWER_TICKS) }
}

/** Whether who asked for every message of a stream gets it on this step. */
export const readsEvery = (step: Degradation, { flush }: Pick<Stream, 'flush'>): boolean =>
  flush === 'now' || step === 'none' || step === 'slower'
