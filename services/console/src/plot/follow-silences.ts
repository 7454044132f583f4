import { keyedSubject, keyToken, patternOf } from '@meridian/subjects'
import { readEvents } from '../api.ts'
import { askUntilAnswered } from '../ask-until-answered.ts'
import type { Connection } from '../connection.ts'
import type { Shell } from '../shell.ts'
import type { InstanceModel } from '../site/instance-model.ts'
import { type LivenessChange, livenessChangeOf } from '../site/liveness-change.ts'
import type { Silences } from './silences.ts'

/** Changes asked for: as many as a list of events has at most. */
const WANTED = 1_000

/**
 * Fills the silences of an instance from the record of liveness and keeps them up to date; returns what ends
 * that.
 */
export function followSilences(
  silences: Silences,
  { csc, index }: Pick<InstanceModel, 'csc' | 'index'>,
  {
    connection,
    reading
  }: Pick<Shell, 'reading'> & {
    readonly connection: Pick<Connection, 'subscribe' | 'status'>
  }
): () => void {
  const patternAt = (site?: string): string =>
    keyedSubject(
      patternOf('evt', { ...(site && { site }), csc: 'Liveness', index: 0, topic: 'component' }),
      keyToken([csc, index])
    )
  let stop = (): void => undefined

  const take = (events: Parameters<typeof livenessChangeOf>[0][]): void =>
    silences.recall(events.map(livenessChangeOf).filter((change): change is LivenessChange => !!change))

  function read(): void {
    const { site } = connection.status.peek()
    if (site === undefined || !reading.may(patternAt(site))) return
    stop()
    stop = askUntilAnswered({
      ask: signal => readEvents([patternAt(site)], WANTED, signal),
      onAnswer: ({ events }) => take([...events])
    })
  }

  // It is live again after each loss: what was recorded meanwhile may be more than its last value.
  const subscription = connection.subscribe([{ pattern: patternAt(), quality: 'all' }], {
    onData: update => take([update]),
    onLive: read
  })
  return () => {
    stop()
    subscription.close()
  }
}
