/** Where a client keeps the cursor that its next connection continues from. */
export interface CursorPlace {
  cursor(): string | undefined
  /**
   * A newer one that is safe to resume from: all before it has been handed to the handlers. None: the client was
   * closed, nothing is continued.
   */
  onCursor(cursor?: string): void
}

/** Keeps the cursor for as long as the program lives; it has none at first, unless it is given one. */
export function createCursorPlace(cursor?: string): CursorPlace {
  return {
    cursor: () => cursor,
    onCursor(next) {
      cursor = next
    }
  }
}
