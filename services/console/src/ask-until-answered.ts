import { type ApiError, isForbidden } from './api.ts'

/** A question to the api, and who hears of its answer. */
export interface Question<T> {
  ask(signal: AbortSignal): Promise<T>
  /** Called once. What it throws is its own affair: the question counts as answered. */
  onAnswer(answer: T): void
  /** Called after each failure; the question is asked again. */
  onFailure?(caught: unknown): void
  /** Called instead, once, where whoever asks may not have the answer; it is not asked for again. */
  onForbidden?(caught: ApiError): void
}

/** Pause after the first failure, ms; it doubles with each further one. */
const FIRST_PAUSE_MS = 1000
/** Longest pause, ms. */
const LONGEST_PAUSE_MS = 15_000

/** How long until a question that failed so many times is asked again, ms. */
export const pauseMsOf = (failures: number): number =>
  Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, failures - 1))

/**
 * Asks until it is answered: a page whose api is away, or not there yet, gets what it needs once the api
 * comes. What is forbidden stays so. Returns what gives the question up.
 */
export function askUntilAnswered<T>({ ask, onAnswer, onFailure, onForbidden }: Question<T>): () => void {
  const given = new AbortController()
  let failures = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function again(caught: unknown): void {
    if (given.signal.aborted) return
    if (isForbidden(caught)) {
      onForbidden?.(caught)
      return
    }
    failures += 1
    timer = setTimeout(attempt, pauseMsOf(failures))
    onFailure?.(caught)
  }

  function attempt(): void {
    ask(given.signal).then(answer => {
      if (!given.signal.aborted) onAnswer(answer)
    }, again)
  }

  attempt()
  return () => {
    clearTimeout(timer)
    given.abort()
  }
}
