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

const NOTHING = { answer: undefined, answeredMs: 0, error: undefined } as const

/**
 * The answer to a question, asked for again and again while it is shown, and at once by `again`. Another `key` is
 * another question: no answer to the one before is shown for it.
 */
export function useAnswer<T>(ask: () => Promise<T>, key = ''): Shown<T> & { readonly again: () => void } {
  const [shown, setShown] = useState<Shown<T> & { readonly key: string }>({ ...NOTHING, key })
  const asked = useRef<string | undefined>(undefined)
  const show = (change: (before: Shown<T>) => Shown<T>): void => {
    if (asked.current === key) setShown(before => ({ ...change(before.key === key ? before : NOTHING), key }))
  }
  const again = (): void => {
    ask().then(
      answer => show(() => ({ answer, answeredMs: performance.now(), error: undefined })),
      caught => show(before => ({ ...before, error: wireErrorOf(caught) }))
    )
  }
  useEffect(() => {
    asked.current = key
    again()
    const timer = setInterval(again, EVERY_MS)
    return () => {
      asked.current = undefined
      clearInterval(timer)
    }
  }, [key])
  return { ...(shown.key === key ? shown : NOTHING), again }
}
