/**
 * One axis of a machine. A reference runs first: it takes the quickest way to where the axis shall be, within
 * the limits of velocity and acceleration, from any state of motion. What moves is the running mean of that
 * reference over `2 * acceleration / jerk` seconds, so velocity and acceleration stay within the same limits
 * and jerk within its own, whatever is asked and whenever.
 *
 * held -> pointing (moveTo), following (follow), crawling (crawl), stopping (stop); pointing -> held on
 * arrival, stopping -> held when the reference stands still.
 */
export interface AxisLimits {
  /** Range of positions that may be asked for. */
  readonly min: number
  readonly max: number
  /** Units per second, per second squared, per second cubed. */
  readonly velocity: number
  readonly acceleration: number
  readonly jerk: number
}

/** Position and velocity that an axis should have at one time. */
export interface Setpoint {
  readonly position: number
  readonly velocity: number
}

/** The state of an axis; the paragraph above says what enters and leaves each. */
export type AxisMode = 'held' | 'pointing' | 'following' | 'crawling' | 'stopping'

/** One motor: where it is, in its own units, and where it is going. */
export interface Axis {
  readonly limits: AxisLimits
  mode(): AxisMode
  position(): number
  velocity(): number
  acceleration(): number
  jerk(): number
  /** Position and velocity that it is asked to have now. */
  demand(): Setpoint
  /** Goes to a position and stays there. Positions outside the range are cut to it. */
  moveTo(position: number): void
  /** Follows a target that moves with time, given in seconds of simulation. */
  follow(target: (seconds: number) => Setpoint): void
  /** Goes on at a velocity until told otherwise or at the end of the range. */
  crawl(velocity: number): void
  stop(): void
  /** Moves it on to this second of simulated time, in steps of 10 ms. */
  advance(seconds: number): void
  /** Nothing moves, or the target is followed to within `tolerance`. */
  settled(tolerance: number): boolean
  /** Estimated seconds to reach a position from here. */
  secondsTo(position: number): number
}

const STEP = 0.01
// After a longer silence the axis is put where it would have got to, without the steps between.
const MAX_STEPS = 6000
const AT_REST = 1e-8

/**
 * Creates an axis at rest. With `wrap` (degrees of a turn) it turns without end: it takes the nearest way and
 * has no range.
 */
export const createAxis = (limits: AxisLimits, start = 0, wrap?: number): Axis =>
  new SmoothedAxis(limits, start, wrap)

class SmoothedAxis implements Axis {
  readonly limits: AxisLimits
  readonly #wrap: number | undefined
  readonly #smoothed: Smoothing
  /** Seconds by which the smoothed motion is later than the reference. */
  readonly #lead: number
  #at = 0
  // The reference: position and velocity before smoothing.
  #p: number
  #v = 0
  #mode: AxisMode = 'held'
  #goal: Setpoint
  #target: ((seconds: number) => Setpoint) | undefined

  constructor(limits: AxisLimits, start: number, wrap: number | undefined) {
    const window = Math.max(1, Math.round((2 * limits.acceleration) / limits.jerk / STEP))
    this.limits = limits
    this.#wrap = wrap
    this.#smoothed = new Smoothing(window, start)
    // Half the window, less the step and a half that sampling gains.
    this.#lead = ((window - 3) * STEP) / 2
    this.#p = start
    this.#goal = { position: start, velocity: 0 }
  }

  mode(): AxisMode {
    return this.#mode
  }

  position(): number {
    return this.#smoothed.position
  }

  velocity(): number {
    return this.#smoothed.velocity
  }

  acceleration(): number {
    return this.#smoothed.acceleration
  }

  jerk(): number {
    return this.#smoothed.jerk
  }

  demand(): Setpoint {
    return this.#mode === 'following' && this.#target !== undefined ? this.#target(this.#at) : this.#goal
  }

  moveTo(wanted: number): void {
    this.#leave('pointing')
    this.#goal = { position: this.#cut(wanted), velocity: 0 }
  }

  follow(next: (seconds: number) => Setpoint): void {
    this.#leave('following')
    this.#target = next
  }

  crawl(wanted: number): void {
    const { velocity } = this.limits
    this.#leave('crawling')
    this.#goal = { position: this.#p, velocity: Math.min(velocity, Math.max(-velocity, wanted)) }
  }

  stop(): void {
    if (this.#mode !== 'held') this.#leave('stopping')
  }

  advance(seconds: number): void {
    for (let steps = 0; this.#at + STEP / 2 < seconds; steps++) {
      this.#at += STEP
      if (steps > MAX_STEPS) this.#at = seconds
      this.#push()
      this.#smoothed.push(this.#p, this.#v)
      if (this.#mode === 'pointing' && this.#arrived()) this.#mode = 'held'
    }
  }

  settled(tolerance: number): boolean {
    const aim = this.demand()
    const { position, velocity } = this.#smoothed
    const wanted = this.#wrap === undefined ? aim.position : nearestTurn(aim.position, position, this.#wrap)
    return (
      this.#mode !== 'crawling' &&
      this.#mode !== 'stopping' &&
      Math.abs(wanted - position) <= tolerance &&
      Math.abs(aim.velocity - velocity) <= tolerance
    )
  }

  secondsTo(wanted: number): number {
    const { velocity, acceleration } = this.limits
    const way = Math.abs(this.#cut(wanted) - this.#smoothed.position)
    const ramp = velocity / acceleration
    const cruise = way / velocity
    const moving = cruise > ramp ? cruise + ramp : 2 * Math.sqrt(way / acceleration)
    return this.#smoothed.seconds + moving
  }

  #leave(next: AxisMode): void {
    this.#mode = next
    this.#target = undefined
  }

  #cut(value: number): number {
    const { min, max } = this.limits
    return this.#wrap === undefined
      ? Math.min(max, Math.max(min, value))
      : nearestTurn(value, this.#p, this.#wrap)
  }

  /** Moves the reference on by one step. */
  #push(): void {
    if (this.#mode === 'crawling') this.#pushTowards(this.#goal.velocity)
    else if (this.#mode === 'stopping') this.#pushTowards(0)
    else this.#pushToGoal()
  }

  #pushToGoal(): void {
    if (this.#target !== undefined) {
      const aim = this.#target(this.#at + this.#lead)
      this.#goal = { position: this.#cut(aim.position), velocity: aim.velocity }
    }
    const { position, velocity } = this.#goal
    const u = quickest(this.#p - position, this.#v - velocity, this.limits.acceleration)
    this.#step(this.#v + u * STEP)
  }

  #pushTowards(wanted: number): void {
    const { min, max, acceleration } = this.limits
    const change = acceleration * STEP
    const room = wanted > 0 ? max - this.#p : this.#p - min
    const faster = Math.abs(this.#v) + change
    const brakingWay = (faster * faster) / (2 * acceleration) + 2 * faster * STEP
    const next = this.#wrap === undefined && room <= brakingWay ? 0 : wanted
    this.#step(this.#v + Math.min(change, Math.max(-change, next - this.#v)))
    if (this.#mode === 'stopping' && this.#v === 0) this.#hold()
  }

  #hold(): void {
    this.#mode = 'held'
    this.#goal = { position: this.#p, velocity: 0 }
  }

  #step(wanted: number): void {
    const { velocity } = this.limits
    this.#p += this.#v * STEP
    this.#v = Math.min(velocity, Math.max(-velocity, wanted))
    if (this.#mode === 'crawling') this.#goal = { position: this.#p, velocity: this.#goal.velocity }
  }

  #arrived(): boolean {
    const way = Math.abs(this.#p - this.#goal.position)
    return way + Math.abs(this.#v) + Math.abs(this.#smoothed.velocity) < AT_REST
  }
}

/** The motion that others see: the running mean of the reference over a window of steps. */
class Smoothing {
  position: number
  velocity = 0
  acceleration = 0
  jerk = 0
  /** Length of the window, seconds. */
  readonly seconds: number
  readonly #window: number
  readonly #positions: Float64Array
  readonly #velocities: Float64Array
  #slot = 0
  #sumVelocity = 0

  constructor(window: number, start: number) {
    this.#window = window
    this.seconds = window * STEP
    this.position = start
    this.#positions = new Float64Array(window).fill(start)
    this.#velocities = new Float64Array(window)
  }

  /** Takes the next step of the reference in and drops the oldest. */
  push(p: number, v: number): void {
    const slot = this.#slot
    const window = this.#window
    const oldVelocity = this.#velocities[slot] as number
    const before = this.acceleration
    this.position += (p - (this.#positions[slot] as number)) / window
    this.#positions[slot] = p
    this.#velocities[slot] = v
    this.#slot = (slot + 1) % window
    this.#sumVelocity += v - oldVelocity
    this.acceleration = (v - oldVelocity) / this.seconds
    this.jerk = (this.acceleration - before) / STEP
    this.velocity = Math.abs(this.#sumVelocity) < 1e-12 ? 0 : this.#sumVelocity / window
  }
}

/** `value` moved by whole turns to lie nearest to `to`. */
export const nearestTurn = (value: number, to: number, turn = 360): number =>
  value + turn * Math.round((to - value) / turn)

/**
 * The acceleration, at most `limit`, that brings a difference in position and one in velocity to nothing in
 * the shortest time, reckoned for steps of STEP, so that it ends without chatter (J. Han's discrete
 * time-optimal control).
 */
function quickest(x: number, v: number, limit: number): number {
  const d = limit * STEP * STEP
  const a0 = STEP * v
  const y = x + a0
  const a1 = Math.sqrt(d * (d + 8 * Math.abs(y)))
  const far = Math.abs(y) > d
  const a = far ? a0 + (Math.sign(y) * (a1 - d)) / 2 : a0 + y
  return Math.abs(a) > d ? -limit * Math.sign(a) : (-limit * a) / d
}
