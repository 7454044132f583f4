/** Keeps the last lines of a process's output, to print them when a test fails. */
export interface LineRing {
  write(chunk: string): void
  /** Calls `listener` with each whole line; returns a function that removes it. */
  onLine(listener: (line: string) => void): () => void
  text(): string
  /** Removes all lines; listeners stay. */
  clear(): void
}

/** Creates a ring of the last `size` lines; default 200. */
export function createLineRing(size = 200): LineRing {
  const lines: string[] = []
  const listeners = new Set<(line: string) => void>()
  let rest = ''
  return {
    write(chunk) {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) {
        lines.push(line)
        if (lines.length > size) lines.shift()
        for (const listener of listeners) listener(line)
      }
    },
    onLine(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    text: () => lines.join('\n'),
    clear() {
      lines.length = 0
      rest = ''
    }
  }
}
