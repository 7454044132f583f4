import { useEffect, useRef } from 'preact/hooks'
import { isStopChord } from './stops.ts'

/**
 * Calls `onChord` when the chord of the stop is pressed, wherever the focus is, until what uses it is taken off
 * the page. The browser does nothing of its own with these keys; all that wait for the chord are called.
 */
export function useStopChord(onChord: () => void): void {
  const newest = useRef(onChord)
  newest.current = onChord
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (!isStopChord(event)) return
      event.preventDefault()
      newest.current()
    }
    addEventListener('keydown', onKey, { capture: true })
    return () => removeEventListener('keydown', onKey, { capture: true })
  }, [])
}
