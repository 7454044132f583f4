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

export type AxisMode = 'held' | 'pointing' | 'following' | 'crawling' | 'stopping'

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
export function createAxis(limits: AxisLimits, start = 0, wrap?: number): Axis {
  const window = Math.max(1, Math.round((2 * limits.acceleration) / limits.jerk / STEP))
  // Half the window, less the step and a half that sampling gains.
  const lead = ((window - 3) * STEP) / 2
  const positions = new Float64Array(window).fill(start)
  const velocities = new Float64Array(window)
  let at = 0
  let slot = 0
  let sumVelocity = 0
  // The reference: position, velocity and setpoint before smoothing.
  let p = start
  let v = 0
  let mode: AxisMode = 'held'
  let goal: Setpoint = { position: start, velocity: 0 }
  let target: ((seconds: number) => Setpoint) | undefined
  // The smoothed motion that others see.
  let position = start
  let velocity = 0
  let acceleration = 0
  let jerk = 0

  const cut = (value: number): number =>
    wrap === undefined ? Math.min(limits.max, Math.max(limits.min, value)) : nearestTurn(value, p, wrap)

  const push = (): void => {
    if (mode === 'crawling' || mode === 'stopping') {
      pushTowards(mode === 'crawling' ? goal.velocity : 0)
      return
    }
    if (target !== undefined) {
      const aim = target(at + lead)
      goal = { position: cut(aim.position), velocity: aim.velocity }
    }
    const u = quickest(p - goal.position, v - goal.velocity, limits.acceleration)
    step(v + u * STEP)
  }
  const pushTowards = (wanted: number): void => {
    const change = limits.acceleration * STEP
    const room = wanted > 0 ? limits.max - p : p - limits.min
    const faster = Math.abs(v) + change
    const brakingWay = (faster * faster) / (2 * limits.acceleration) + 2 * faster * STEP
    const next = wrap === undefined && room <= brakingWay ? 0 : wanted
    step(v + Math.min(change, Math.max(-change, next - v)))
    if (mode === 'stopping' && v === 0) hold()
  }
  const hold = (): void => {
    mode = 'held'
    goal = { position: p, velocity: 0 }
  }
  const step = (wanted: number): void => {
    p += v * STEP
    v = Math.min(limits.velocity, Math.max(-limits.velocity, wanted))
    if (mode === 'crawling') goal = { position: p, velocity: goal.velocity }
  }
  const smooth = (): void => {
    const oldVelocity = velocities[slot] as number
    const before = acceleration
    const gone = positions[slot] as number
    positions[slot] = p
    velocities[slot] = v
    slot = (slot + 1) % window
    sumVelocity += v - oldVelocity
    position += (p - gone) / window
    acceleration = (v - oldVelocity) / (window * STEP)
    jerk = (acceleration - before) / STEP
    velocity = Math.abs(sumVelocity) < 1e-12 ? 0 : sumVelocity / window
    if (mode === 'pointing' && Math.abs(p - goal.position) + Math.abs(v) + Math.abs(velocity) < AT_REST)
      mode = 'held'
  }
  const leave = (next: AxisMode): void => {
    mode = next
    target = undefined
  }
  return {
    limits,
    mode: () => mode,
    position: () => position,
    velocity: () => velocity,
    acceleration: () => acceleration,
    jerk: () => jerk,
    demand: () => (mode === 'following' && target !== undefined ? target(at) : goal),
    moveTo(wanted) {
      leave('pointing')
      goal = { position: cut(wanted), velocity: 0 }
    },
    follow(next) {
      leave('following')
      target = next
    },
    crawl(wanted) {
      leave('crawling')
      goal = { position: p, velocity: Math.min(limits.velocity, Math.max(-limits.velocity, wanted)) }
    },
    stop() {
      if (mode === 'held') return
      leave('stopping')
    },
    advance(seconds) {
      for (let steps = 0; at + STEP / 2 < seconds; steps++) {
        at += STEP
        if (steps > MAX_STEPS) at = seconds
        push()
        smooth()
      }
    },
    settled(tolerance) {
      const aim = mode === 'following' && target !== undefined ? target(at) : goal
      const wanted = wrap === undefined ? aim.position : nearestTurn(aim.position, position, wrap)
      return (
        mode !== 'crawling' &&
        mode !== 'stopping' &&
        Math.abs(wanted - position) <= tolerance &&
        Math.abs(aim.velocity - velocity) <= tolerance
      )
    },
    secondsTo(wanted) {
      const way = Math.abs(cut(wanted) - position)
      const ramp = limits.velocity / limits.acceleration
      const cruise = way / limits.velocity
      return window * STEP + (cruise > ramp ? cruise + ramp : 2 * Math.sqrt(way / limits.acceleration))
    }
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
