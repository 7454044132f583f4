import { createRandom } from './random.ts'

/** One fault of a run; its victim is chosen by the seed as well, so that a run can be done again. */
export interface ScheduledFault {
  readonly name: string
  /** Chooses among so many victims: a number from 0. */
  pick(count: number): number
}

/**
 * Faults without an end: all of them in one order, then all in another, the same for the same seed, whatever
 * the time that each takes.
 */
export function* createSchedule(names: readonly string[], seed: number): Generator<ScheduledFault> {
  const random = createRandom(seed)
  for (;;) {
    const ranked = names.map(name => ({ name, rank: random(), choice: random() }))
    for (const { name, choice } of ranked.sort((a, b) => a.rank - b.rank))
      yield { name, pick: count => Math.floor(choice * count) }
  }
}
