/** Figures of one run of a bench. */
export interface BenchResult {
  /** Number of the figure, such as `B9`. */
  readonly id: string
  readonly what: string
  /** What is to be reached, as a person reads it. */
  readonly target: string
  readonly figures: Readonly<Record<string, number | string>>
  /** `invalid`: the load was not what it should have been, so the figures say nothing. */
  readonly reached: boolean | 'invalid'
  readonly notes: readonly string[]
}

/** Options that every bench has. */
export interface BenchOptions {
  /** How long to measure, after a warm-up of its own. */
  readonly seconds: number
}

/** A generator that is busier than this measures itself. */
export const BUSIEST_GENERATOR = 0.7
