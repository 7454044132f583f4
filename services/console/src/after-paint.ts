import { type ReadonlySignal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'

/**
 * Runs `work` in a task of its own once the browser has painted what is there now; returns what cancels that.
 * In a page in the background it waits until somebody looks.
 */
export function afterPaint(work: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  const frame = requestAnimationFrame(() => {
    timer = setTimeout(work)
  })
  return () => {
    cancelAnimationFrame(frame)
    clearTimeout(timer)
  }
}

/**
 * A number that grows by `step` with each painting until it reaches `most`: what is long to draw is drawn in
 * parts.
 */
export function useGrowing(step: number, most: number): ReadonlySignal<number> {
  const grown = useSignal(step)
  const now = grown.value
  useEffect(() => {
    if (now >= most) return
    return afterPaint(() => {
      grown.value = now + step
    })
  }, [now, most])
  return grown
}
