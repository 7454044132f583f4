import type { HistoryAnswer, HistoryBucket, HistoryExtreme } from '@meridian/protocol/http'
import { createSourceClock, type SourceStamps } from '@meridian/time'

/** A value of a field as the record has it. */
export interface RecordedValue extends SourceStamps {
  readonly value: number
}

/** What a history is asked for. */
export interface HistoryAsked {
  readonly topic: string
  readonly field: string
  readonly from: number
  readonly to: number
}

/** An extreme as the api writes it: null for what is no number. */
function extremeOf(value: number): HistoryExtreme {
  if (Number.isNaN(value)) return null
  return Number.isFinite(value) ? value : (String(value) as HistoryExtreme)
}

/** One bucket per value, by the rule of the api: what is far off the clock of its source is set aside. */
export function historyOf(all: readonly RecordedValue[], asked: HistoryAsked): HistoryAnswer {
  const { from, to } = asked
  const corrected: { time: number; value: number }[] = []
  const judge = createSourceClock<RecordedValue>(({ value }, time) => corrected.push({ time, value }))
  for (const one of all) {
    const time = judge.take(one)
    if (time !== undefined) corrected.push({ time, value: one.value })
  }
  const { waiting, ...state } = judge.state()
  const said = corrected.filter(m => m.time >= from && m.time < to).sort((a, b) => a.time - b.time)
  const last = corrected.filter(m => m.time < from).at(-1)
  return {
    ...asked,
    buckets: said.map(({ time, value }): HistoryBucket => [time, extremeOf(value), extremeOf(value), 1]),
    before: last === undefined ? { state: 'none' } : { state: 'value', ...last },
    clock: {
      offset: judge.current().offset,
      setAside: all.length - corrected.length,
      judge: {
        ...state,
        waiting: waiting.map(({ sample, age }) => [
          sample.source,
          sample.received,
          extremeOf(sample.value),
          age
        ])
      }
    },
    interval: null,
    complete: true,
    readFrom: null,
    heldFrom: corrected[0]?.time ?? null
  }
}
