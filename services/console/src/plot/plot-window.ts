import { utcMsOf } from '@meridian/time'

/** What part of time is drawn. `live` ends at now and moves; `held` stands still. TAI seconds. */
export type PlotWindow =
  | { readonly kind: 'live'; readonly spanSeconds: number }
  | { readonly kind: 'held'; readonly from: number; readonly to: number }

/** A part of time, TAI seconds. */
export interface Bounds {
  readonly from: number
  readonly to: number
}

/** Seconds since 1970, UTC, for the time axis. */
export const utcSecondsOf = (tai: number): number => utcMsOf(tai) / 1000

/** Between these a window can be zoomed, seconds: no clock of ours tells less, no record holds more. */
const NARROWEST = 0.1
const WIDEST = 366 * 86_400

/** Bounds of a window at an instant. */
export function boundsOf(window: PlotWindow, nowTai: number): Bounds {
  if (window.kind === 'held') return { from: window.from, to: window.to }
  return { from: nowTai - window.spanSeconds, to: nowTai }
}

const possibleWidth = (seconds: number): number => Math.min(WIDEST, Math.max(NARROWEST, seconds))

/** A held window of bounds made possible: neither too narrow nor too wide, not beyond now nor before 1970. */
export function heldWindow({ from, to }: Bounds, nowTai: number): PlotWindow {
  const width = possibleWidth(to - from)
  const end = Math.max(width, Math.min(nowTai, (from + to + width) / 2))
  return { kind: 'held', from: end - width, to: end }
}

/** A window zoomed by `factor` about `centre` and moved by `shift` of its width; it is held from then on. */
export function zoomed(
  bounds: Bounds,
  change: { readonly factor?: number; readonly centre?: number; readonly shift?: number },
  nowTai: number
): PlotWindow {
  const { shift = 0 } = change
  const width = bounds.to - bounds.from
  // What cannot grow any more stays in its place, however often and about whatever it is zoomed.
  const factor = possibleWidth(width * (change.factor ?? 1)) / width
  const centre = change.centre ?? (bounds.from + bounds.to) / 2
  const move = shift * width
  return heldWindow(
    {
      from: centre - (centre - bounds.from) * factor + move,
      to: centre + (bounds.to - centre) * factor + move
    },
    nowTai
  )
}
