import { setTimeout as sleep } from 'node:timers/promises'
import type { HistorySource } from './history-source.ts'

/** One question in so many ms: a broker answers in one, in which not many clients come. */
const PACE_MS = 20

/**
 * The same streams, asked once for all who ask the same: thousands of clients resume at one moment from the
 * same few positions. The first question is asked at once; what comes while its answer is under way, or within
 * 20 ms of it, shares the next one, so that nobody gets an answer from before the question.
 */
export function shareQuestions(source: HistorySource): HistorySource {
  const range = shareNext((stream: string) => source.range(stream))
  const storedAt = shareNext((key: string) => {
    const at = key.lastIndexOf(' ')
    return source.storedAt(key.slice(0, at), Number(key.slice(at + 1)))
  })
  const forgotten = shareNext((key: string) => {
    const at = key.indexOf(' ')
    return source.forgotten(key.slice(0, at), key.slice(at + 1))
  })
  return {
    range,
    storedAt: (stream, seq) => storedAt(`${stream} ${seq}`),
    read: (asked, signal) => source.read(asked, signal),
    holes: shareNext((stream: string) => source.holes(stream)),
    subjectsIn: (stream, asked) => source.subjectsIn(stream, asked),
    forgotten: (stream, epoch) => forgotten(`${stream} ${epoch}`)
  }
}

/** A question, what comes after it and its pace, and the next one, which all share who came meanwhile. */
interface Asked<T> {
  readonly answer: Promise<T>
  readonly over: Promise<unknown>
  next: Promise<T> | undefined
}

function shareNext<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const asked = new Map<string, Asked<T>>()
  const begin = (key: string): Promise<T> => {
    const answer = ask(key)
    const over = Promise.allSettled([answer, sleep(PACE_MS)])
    const current: Asked<T> = { answer, over, next: undefined }
    asked.set(key, current)
    void over.then(() => {
      if (asked.get(key) === current) asked.delete(key)
    })
    return answer
  }
  return key => {
    const current = asked.get(key)
    if (current === undefined) return begin(key)
    current.next ??= current.over.then(() => begin(key))
    return current.next
  }
}
