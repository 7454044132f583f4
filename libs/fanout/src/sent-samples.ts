import type { Message } from './message.ts'
import type { View } from './view.ts'

/**
 * Told of one message of what was just handed to sockets: its subject, TAI seconds of its source's clock, and UTC
 * microseconds at which its stream stored it.
 */
export type OnSent = (subject: string, time: number, timeUs: number) => void

/** Picks messages of what a view is about to flush; the function that it gives tells of them once they are sent. */
export type SentSamples = (view: View, everything: boolean) => () => void

const NOBODY = (): void => {}

/**
 * Picks one message of each list that a view flushes, each time from another place in the list: so the cost goes
 * by flushes, however many messages and members they have.
 */
export function createSentSamples(onSent: OnSent | undefined): SentSamples {
  if (onSent === undefined) return () => NOBODY
  let turn = 0
  const pick = (list: readonly Message[]): Message | undefined => list[turn++ % list.length]
  const tell = (message: Message | undefined): void => {
    if (message !== undefined) onSent(message.topic.subject, message.content.time, message.timeUs)
  }
  return ({ now, tick, latest }, everything) => {
    const one = pick(now)
    const two = everything ? pick(tick) : undefined
    const three = everything ? pick(latest) : undefined
    return () => {
      tell(one)
      tell(two)
      tell(three)
    }
  }
}
