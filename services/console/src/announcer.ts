import { type ReadonlySignal, signal } from '@preact/signals'

/** Speaks to screen readers, seldom enough to be listened to. */
export interface Announcer {
  readonly text: ReadonlySignal<string>
  say(sentence: string): void
}

/** Least time between two announcements, so that a reader can finish the one before. */
const PAUSE_MS = 4000
/** So many sentences are spoken at once; the rest is counted. */
const SPOKEN = 3

/** What is said of several sentences that came together. */
export function gather(sentences: readonly string[]): string {
  const spoken = sentences.slice(0, SPOKEN).join('. ')
  const rest = sentences.length - SPOKEN
  return rest > 0 ? `${spoken}, and ${rest} more` : spoken
}

/** Creates an announcer: the first sentence at once, later ones together after a pause. */
export function createAnnouncer(): Announcer {
  const text = signal('')
  let waiting: string[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function speak(): void {
    timer = undefined
    if (waiting.length === 0) return
    text.value = gather(waiting)
    waiting = []
    timer = setTimeout(speak, PAUSE_MS)
  }

  return {
    text,
    say(sentence) {
      waiting.push(sentence)
      if (timer === undefined) speak()
    }
  }
}
