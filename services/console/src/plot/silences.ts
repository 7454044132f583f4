import { SILENT_AFTER_MS } from '../site/condition.ts'
import type { LivenessChange } from '../site/liveness-change.ts'
import type { Span } from './resample.ts'

/** When the source of a plot was silent: then what it said last proves nothing. */
export interface Silences {
  spans(): readonly Span[]
  /** Told whether the page finds the source silent, at `nowTai`, and when it was heard last; TAI seconds. */
  note(isSilent: boolean, nowTai: number, heardTai: number): void
  /** Takes changes that the commanders recorded, of this source, in any order and perhaps twice. */
  recall(changes: readonly LivenessChange[]): void
}

/** The silences between changes. One that begins before the record has no begin. */
function spansBetween(changes: readonly LivenessChange[]): readonly Span[] {
  const ordered = changes.toSorted(
    (a, b) => a.heartbeat - b.heartbeat || Number(b.isAlive) - Number(a.isAlive)
  )
  return ordered.flatMap(({ isAlive, heartbeat }, i) => {
    const next = ordered[i + 1]
    if (isAlive) return i === 0 ? [{ from: Number.NEGATIVE_INFINITY, to: heartbeat }] : []
    return [next === undefined ? { from: heartbeat } : { from: heartbeat, to: next.heartbeat }]
  })
}

/**
 * Creates the silences of a source of which nothing is known yet: those that were recorded, and those that the
 * page finds itself, as the record may be late or may have nobody who writes it.
 */
export function createSilences(): Silences {
  const found: Span[] = []
  let current: Span | undefined
  const changes = new Map<string, LivenessChange>()
  let recorded: readonly Span[] = []
  /** The first beat that the page heard after a silence whose end is not on the record yet. */
  let back: number | undefined

  function noteBack(heardTai: number): void {
    const last = recorded.at(-1)
    if (last !== undefined && last.to === undefined && heardTai - last.from > SILENT_AFTER_MS / 1000)
      back ??= heardTai
  }

  const ended = (span: Span): Span =>
    span.to === undefined && back !== undefined ? { from: span.from, to: back } : span

  return {
    spans: () => [...recorded.map(ended), ...found, ...(current === undefined ? [] : [current])],
    note(isSilent, nowTai, heardTai) {
      if (isSilent) current ??= { from: heardTai }
      else noteBack(heardTai)
      if (isSilent || current === undefined) return
      found.push({ from: current.from, to: nowTai })
      current = undefined
    },
    recall(more) {
      for (const change of more) changes.set(`${change.heartbeat} ${change.isAlive}`, change)
      recorded = spansBetween([...changes.values()])
      back = undefined
    }
  }
}
