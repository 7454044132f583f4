import { CLOCK_TOLERANCE_SECONDS, taiMinusUtcSeconds } from '@meridian/time'
import type { Logger } from 'pino'
import type { SourceTopic } from '../sources/source-topic.ts'

// The clock of one instance: right -> off, when STEADY samples in a row, read within STEADY_MS at least, differ from
// the time of reading by more than the tolerance and by the same; off -> right, or off by something else, when as many
// say so. A single odd stamp, or samples that come late, changes nothing: what was held back while a broker or a
// producer was away is read in less time than it took to say it, so it is late by less and less.

/** Tells that an instance's clock is off by a steady amount, or right again. */
export interface ClockOffset {
  readonly component: string
  readonly index: number
  /** Source stamp minus time of reading, seconds, to a tenth: negative where the source is behind; 0: right again. */
  readonly offset: number
}

/** Who hears of a clock that is off, besides the log. */
export interface ClockOffsetsOptions {
  readonly log: Logger
  readonly nowMs: () => number
  /** Called once for each change of an instance. */
  readonly onChange: (change: ClockOffset) => void
}

/** Watches the stamps of one instance. */
export interface StampWatch {
  /** Takes source stamp minus time of reading, seconds. */
  take(difference: number): void
}

/** The clocks of all instances that this process reads. */
export interface ClockOffsets {
  of(topic: Pick<SourceTopic, 'csc' | 'index'>): StampWatch
  /** Instances whose clock is off. */
  size(): number
}

const STEADY = 10
const STEADY_MS = 5_000
/** Seconds by which samples that agree may differ. */
const SPREAD_SECONDS = 2
/** Instances that are told of: each costs a name on EVT. */
const MAX_TOLD = 1_000

/** Makes the watch of a process that has read nothing yet. */
export function createClockOffsets({ log, nowMs, onChange }: ClockOffsetsOptions): ClockOffsets {
  const watches = new Map<string, StampWatch>()
  const off = new Set<string>()
  const told = new Set<string>()
  const tell = (name: string, change: ClockOffset): void => {
    if (change.offset === 0) off.delete(name)
    else off.add(name)
    if (!told.has(name) && told.size >= MAX_TOLD) return
    told.add(name)
    if (change.offset === 0) log.info({ ...change }, 'clock of a component is right again')
    else log.warn({ ...change, why: reasonOf(change.offset, nowMs()) }, 'clock of a component is off')
    onChange(change)
  }
  return {
    of({ csc: component, index }) {
      const name = `${component}:${index}`
      const known = watches.get(name)
      if (known !== undefined) return known
      const watch = createStampWatch(nowMs, offset => tell(name, { component, index, offset }))
      if (watches.size < MAX_TOLD) watches.set(name, watch)
      return watch
    },
    size: () => off.size
  }
}

function createStampWatch(nowMs: () => number, onChange: (offset: number) => void): StampWatch {
  let held = 0
  let candidate = 0
  let sinceMs = 0
  let agreeing = 0
  const begin = (difference: number): void => {
    candidate = difference
    sinceMs = nowMs()
    agreeing = 0
  }
  const isSteady = (): boolean => agreeing >= STEADY && nowMs() - sinceMs >= STEADY_MS
  return {
    take(difference) {
      const isRight = Math.abs(difference) <= CLOCK_TOLERANCE_SECONDS
      if (isRight ? held === 0 : isNear(difference, held)) {
        agreeing = 0
        return
      }
      const next = isRight ? 0 : difference
      if (agreeing === 0 || !isNear(next, candidate)) begin(next)
      agreeing++
      if (!isSteady()) return
      held = next
      agreeing = 0
      onChange(Math.round(next * 10) / 10)
    }
  }
}

const isNear = (a: number, b: number): boolean => Math.abs(a - b) <= SPREAD_SECONDS

function reasonOf(offset: number, nowMs: number): string {
  const leap = taiMinusUtcSeconds(nowMs)
  return isNear(offset, -leap)
    ? `it stamps UTC, where TAI is due: ${leap} s more`
    : `it is ${Math.abs(offset)} s ${offset < 0 ? 'behind' : 'ahead'}`
}
