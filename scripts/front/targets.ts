/** One address behind a route, and what is known of it. */
export interface Target {
  readonly url: string
  open: number
  /** Not tried again before this, ms; 0 while healthy. */
  restUntilMs: number
}

const REST_MS = 1000

/**
 * Chooses among the addresses of a route: the one with the fewest open connections, those that just refused
 * last.
 */
export interface Balancer {
  /**
   * All targets in the order in which to try them: the least loaded first, one that has just refused last.
   */
  order(): readonly Target[]
  failed(target: Target): void
}

/** Makes a balancer over `urls`. Ties go round, so that idle targets share. */
export function createBalancer(urls: readonly string[], nowMs = () => performance.now()): Balancer {
  const targets: readonly Target[] = urls.map(url => ({ url, open: 0, restUntilMs: 0 }))
  let turn = 0
  return {
    order() {
      turn++
      const now = nowMs()
      const rank = (target: Target, at: number): number =>
        target.open * targets.length + ((at + turn) % targets.length) + (target.restUntilMs > now ? 1e9 : 0)
      return targets
        .map((target, at) => ({ target, rank: rank(target, at) }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ target }) => target)
    },
    failed(target) {
      target.restUntilMs = nowMs() + REST_MS
    }
  }
}
