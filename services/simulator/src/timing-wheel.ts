import { TICKS_PER_SECOND, type Tick } from './tick.ts'

/** Work that is done at regular ticks. */
type Job = (at: Tick) => void

/**
 * The only scheduler of the simulator. Each job has a period in ticks and a phase; phases are chosen so that
 * the work is spread evenly over the ticks. It has no timer: the owner of the clock calls `run` for every
 * tick.
 */
export interface TimingWheel {
  /** Adds a job that runs `perSecond` times a second. Returns a function that removes it. */
  add(perSecond: number, job: Job): () => void
  /** Runs the jobs that are due at this tick. A job that throws is reported to `onError` and kept. */
  run(at: Tick): void
  /** Number of jobs on the timing wheel. */
  size(): number
}

// Load is computed over ten seconds; a job with a longer period counts as one tick of it.
const HORIZON_TICKS = 10 * TICKS_PER_SECOND

type Ring = (readonly Job[])[]

/** Creates a wheel without jobs; what a job throws goes to `onError`, by default nowhere, and ends no other. */
export function createTimingWheel(onError: (err: unknown) => void = () => {}): TimingWheel {
  const rings = new Map<number, Ring>()
  const load = new Uint32Array(HORIZON_TICKS)
  let size = 0

  const run = (jobs: readonly Job[], at: Tick): void => {
    for (const job of jobs) {
      try {
        job(at)
      } catch (err) {
        onError(err)
      }
    }
  }
  return {
    add(perSecond, job) {
      const period = periodOf(perSecond)
      const phase = quietestPhase(load, period)
      const ring = ringOf(rings, period)
      // Slots are replaced, never changed, so that a job can remove itself while its slot runs.
      ring[phase] = [...(ring[phase] ?? []), job]
      weigh(load, { period, phase }, 1)
      size++
      return () => {
        const left = (ring[phase] ?? []).filter(other => other !== job)
        if (left.length === ring[phase]?.length) return
        ring[phase] = left
        weigh(load, { period, phase }, -1)
        size--
      }
    },
    run(at) {
      for (const [period, ring] of rings) run(ring[at.tick % period] as readonly Job[], at)
    },
    size: () => size
  }
}

/** Ticks between two runs at a rate; at least one. */
export const periodOf = (perSecond: number): number => Math.max(1, Math.round(TICKS_PER_SECOND / perSecond))

function ringOf(rings: Map<number, Ring>, period: number): Ring {
  const known = rings.get(period)
  if (known !== undefined) return known
  const ring: Ring = Array.from({ length: period }, () => [])
  rings.set(period, ring)
  return ring
}

function quietestPhase(load: Uint32Array, period: number): number {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let phase = 0; phase < Math.min(period, HORIZON_TICKS); phase++) {
    let sum = 0
    for (let tick = phase; tick < HORIZON_TICKS; tick += period) sum += load[tick] as number
    const mean = sum / Math.ceil((HORIZON_TICKS - phase) / period)
    if (mean >= least) continue
    least = mean
    best = phase
  }
  return best
}

function weigh(load: Uint32Array, at: { period: number; phase: number }, weight: 1 | -1): void {
  for (let tick = at.phase; tick < HORIZON_TICKS; tick += at.period) load[tick] = (load[tick] ?? 0) + weight
}
