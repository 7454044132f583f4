/** What part of time is drawn. `live` ends at now and moves; `held` stands still. TAI seconds. */
export type PlotWindow =
  | { readonly kind: 'live'; readonly spanSeconds: number }
  | { readonly kind: 'held'; readonly from: number; readonly to: number }

/** Bounds of a window at an instant. */
export function boundsOf(window: PlotWindow, nowTai: number): { readonly from: number; readonly to: number } {
  if (window.kind === 'held') return { from: window.from, to: window.to }
  return { from: nowTai - window.spanSeconds, to: nowTai }
}

/** A window zoomed by `factor` about `centre` and moved by `shift` of its width; it is held from then on. */
export function zoomed(
  bounds: { readonly from: number; readonly to: number },
  change: { readonly factor?: number; readonly centre?: number; readonly shift?: number }
): PlotWindow {
  const { factor = 1, shift = 0 } = change
  const width = bounds.to - bounds.from
  const centre = change.centre ?? (bounds.from + bounds.to) / 2
  const move = shift * width
  return {
    kind: 'held',
    from: centre - (centre - bounds.from) * factor + move,
    to: centre + (bounds.to - centre) * factor + move
  }
}
