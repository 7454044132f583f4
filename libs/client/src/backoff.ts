/** Bounds of the pause between two attempts, and how it is drawn. */
export interface BackoffOptions {
  readonly baseMs: number
  readonly capMs: number
  /** A connection that lived this long makes the next pause a short one again. */
  readonly healthyMs: number
  /** A number from 0 up to, but not including, 1; each equally likely. Math.random, but for tests. */
  readonly random: () => number
}

/**
 * Full jitter: each pause is drawn evenly between 0 and a bound that doubles, so that a thousand clients
 * never come back together.
 */
export interface Backoff {
  /** The next pause, and one failed attempt more. */
  nextMs(): number
  /** Says how long the connection that just ended had lived. */
  lived(ms: number): void
  attempt(): number
}

/** A back-off that starts at its base. */
export function createBackoff(options: BackoffOptions): Backoff {
  const { baseMs, capMs, healthyMs, random } = options
  let attempt = 0
  return {
    nextMs() {
      const bound = Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30))
      attempt++
      return random() * bound
    },
    lived(ms) {
      if (ms >= healthyMs) attempt = 0
    },
    attempt: () => attempt
  }
}
