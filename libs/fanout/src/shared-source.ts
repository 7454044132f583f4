import type { HistorySource } from './history-source.ts'

/**
 * The same streams, asked once for all who ask the same: thousands of clients resume at one moment from the
 * same few positions. What is asked of a range while an answer is under way waits for the next answer, so that
 * nobody gets one from before the question.
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
    read: asked => source.read(asked),
    holes: shareNext((stream: string) => source.holes(stream)),
    subjectsIn: (stream, asked) => source.subjectsIn(stream, asked),
    forgotten: (stream, epoch) => forgotten(`${stream} ${epoch}`)
  }
}

/** A question under way, and the one that all who came meanwhile share. */
interface Asked<T> {
  readonly answer: Promise<T>
  next: Promise<T> | undefined
}

function shareNext<T>(ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const asked = new Map<string, Asked<T>>()
  const begin = (key: string): Promise<T> => {
    const current: Asked<T> = { answer: ask(key), next: undefined }
    asked.set(key, current)
    const end = (): void => {
      if (asked.get(key) === current) asked.delete(key)
    }
    current.answer.then(end, end)
    return current.answer
  }
  return key => {
    const current = asked.get(key)
    if (current === undefined) return begin(key)
    const again = (): Promise<T> => begin(key)
    current.next ??= current.answer.then(again, again)
    return current.next
  }
}
