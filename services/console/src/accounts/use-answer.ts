import type { WireError } from '@meridian/errors'
import { useEffect, useRef, useState } from 'preact/hooks'
import { wireErrorOf } from '../api.ts'

/** How often a list that is shown is asked for anew, ms. */
const EVERY_MS = 5_000

/** What the api answered last, and why not since then. */
interface Shown<T> {
  readonly answer: T | undefined
  /** When it came, ms of `performance.now()`. */
  readonly answeredMs: number
  readonly error: WireError | undefined
}

/** The answer to a question, asked for again and again while it is shown, and at once by `again`. */
export function useAnswer<T>(ask: () => Promise<T>): Shown<T> & { readonly again: () => void } {
  const [shown, setShown] = useState<Shown<T>>({ answer: undefined, answeredMs: 0, error: undefined })
  const isGone = useRef(false)
  const again = (): void => {
    ask().then(
      answer => isGone.current || setShown({ answer, answeredMs: performance.now(), error: undefined }),
      caught => isGone.current || setShown(before => ({ ...before, error: wireErrorOf(caught) }))
    )
  }
  useEffect(() => {
    isGone.current = false
    again()
    const timer = setInterval(again, EVERY_MS)
    return () => {
      isGone.current = true
      clearInterval(timer)
    }
  }, [])
  return { ...shown, again }
}
