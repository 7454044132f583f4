/** How long something is remembered: until the browser's tab is closed, or for good. */
export type Span = 'tab' | 'browser'

const PREFIX = 'meridian.'

/** Throws where a browser forbids storage: its settings may. */
const storageOf = (span: Span): Storage => (span === 'tab' ? sessionStorage : localStorage)

/**
 * What was remembered under this name; undefined where nothing was, or where this browser does not let us.
 */
export function recall(span: Span, name: string): unknown {
  try {
    return JSON.parse(storageOf(span).getItem(PREFIX + name) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

/**
 * Remembers a value under a name. A browser that does not let us, or has no room, forgets it: the page works
 * as well.
 */
export function remember(span: Span, name: string, value: unknown): void {
  try {
    storageOf(span).setItem(PREFIX + name, JSON.stringify(value))
  } catch {
    // What is remembered here is a convenience; nobody has to be told that it was lost.
  }
}
