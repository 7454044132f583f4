import type { Span } from './resample.ts'

/** When the source of a plot was silent, as far as this page knows: then what it said last proves nothing. */
export interface Silences {
  spans(): readonly Span[]
  /** Told whether the source is silent, at `nowTai`, and when it was heard last; TAI seconds. */
  note(isSilent: boolean, nowTai: number, heardTai: number): void
}

/** Creates the record of a source of which nothing is known yet. */
export function createSilences(): Silences {
  const past: Span[] = []
  let current: Span | undefined
  return {
    spans: () => (current === undefined ? past : [...past, current]),
    note(isSilent, nowTai, heardTai) {
      if (isSilent) current ??= { from: heardTai }
      else if (current !== undefined) {
        past.push({ from: current.from, to: nowTai })
        current = undefined
      }
    }
  }
}
