import { type Axis, type AxisLimits, createAxis, type Setpoint } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type TelemetryTable,
  type Work
} from '../model.ts'
import type { Values } from '../outlet.ts'
import { createWave, type Wave } from '../random.ts'
import { numberOf, refuse } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { CONTROLLER_EVENTS, publishController, publishDisabledController } from './motion-controller.ts'

/** Limits of the rotator in degrees and seconds. */
const ROTATOR: AxisLimits = { min: -90, max: 90, velocity: 3.5, acceleration: 1, jerk: 4 }
const TOLERANCE = 0.0005
const TRACKING_TOLERANCE = 0.01
const MOTION = 'motion'
/** Ticks between two messages of `target`. */
const TARGET_TICKS = 5

/** The rotator that carries the camera of the main telescope. */
export interface MtRotator extends Model {
  /** Called by the drive: follows a moving angle. */
  track(target: (seconds: number) => Setpoint): void
  inPosition(): boolean
}

/** Parts and state of a rotator. */
interface Rotator {
  readonly context: ModelContext
  readonly shared: SharedState
  readonly axis: Axis
  readonly jitter: Wave
  tracking: boolean
  /** Degrees travelled in its life. */
  odometer: number
  /** Tick of the last message of `target`. */
  targetTick: number
}

/** Creates the rotator, at rest at 0 degrees. */
export function createMtRotator(context: ModelContext, shared: SharedState): MtRotator {
  const axis = createAxis(ROTATOR, 0)
  const jitter = createWave('rotator', context.seed, 30)
  const rotator: Rotator = { context, shared, axis, jitter, tracking: false, odometer: 4210, targetTick: 0 }
  const notAtStart = ['target', 'lowFrequencyVibration']
  const events = startEvents(context)
  return {
    ...createModel(rotator, { step, entered, telemetry, commands, events, notAtStart }),
    inPosition: () => axis.settled(TRACKING_TOLERANCE),
    track(target) {
      if (context.state() === SUMMARY.ENABLED) follow(rotator, target)
    }
  }
}

function step(rotator: Rotator, at: Tick): void {
  const { axis, shared, context } = rotator
  const before = axis.position()
  axis.advance(at.seconds)
  rotator.odometer += Math.abs(axis.position() - before)
  shared.rotator = { position: axis.position(), velocity: axis.velocity() }
  if (context.state() === SUMMARY.ENABLED) publishMotion(rotator, at)
}

function entered(rotator: Rotator, next: SummaryState, at: Tick): void {
  if (next === SUMMARY.ENABLED) return
  rotator.tracking = false
  rotator.axis.stop()
  publishDisabledController(rotator.context, next, at)
}

function follow(rotator: Rotator, target: (seconds: number) => Setpoint): void {
  rotator.tracking = true
  rotator.axis.follow(target)
}

const telemetry: TelemetryTable<Rotator> = {
  rotation: ({ axis, jitter, odometer }, values, at) => {
    values['demandPosition'] = axis.demand().position
    values['demandVelocity'] = axis.demand().velocity
    values['demandAcceleration'] = axis.acceleration()
    values['actualPosition'] = axis.position() + 4e-6 * jitter(at.seconds)
    values['actualVelocity'] = axis.velocity()
    values['debugActualVelocityA'] = axis.velocity()
    values['debugActualVelocityB'] = axis.velocity()
    values['odometer'] = odometer
  },
  motors: ({ axis, jitter }, values, at) => {
    const torque = 4 * axis.acceleration() + 0.6 * Math.tanh(axis.velocity() * 50)
    fillArray(values, 'raw', 2, i => axis.position() * 12_000 + i * 40)
    fillArray(values, 'torque', 2, i => torque + 0.05 * jitter(at.seconds + i))
    fillArray(values, 'current', 2, i => torque / 2.2 + 0.02 * jitter(at.seconds + 9 * i))
    values['busVoltage'] = 48 + 0.2 * jitter(at.seconds / 7)
  },
  ccwFollowingError: ({ axis, jitter }, values, at) => {
    values['positionError'] = 0.02 * axis.velocity() + 0.001 * jitter(at.seconds)
    values['velocityError'] = 0.01 * axis.acceleration()
  }
}

const commands: CommandTable<Rotator> = {
  move,
  trackStart: (rotator, { abort }) => {
    abort(MOTION, 'superseded by trackStart')
    rotator.tracking = true
  },
  track,
  stop,
  fault: ({ context }, { at }) => {
    context.fault(1, 'fault command', at)
  }
}

function move(rotator: Rotator, { params }: Call): Work {
  const { axis } = rotator
  const position = numberOf(params, 'position', [ROTATOR.min, ROTATOR.max])
  rotator.tracking = false
  const seconds = axis.secondsTo(position)
  axis.moveTo(position)
  return { seconds, group: MOTION, done: () => axis.settled(TOLERANCE) }
}

function track(rotator: Rotator, { params, at }: Call): undefined {
  if (!rotator.tracking) throw refuse('trackStart comes first')
  const angle = numberOf(params, 'angle', [ROTATOR.min, ROTATOR.max])
  const velocity = numberOf(params, 'velocity', [-0.07, 0.07])
  const since = numberOf(params, 'tai') || at.tai
  follow(rotator, seconds => ({
    position: angle + velocity * (at.tai + seconds - at.seconds - since),
    velocity
  }))
}

function stop(rotator: Rotator, { abort }: Call): Work {
  const { axis } = rotator
  abort(MOTION, 'stop')
  rotator.tracking = false
  axis.stop()
  return { seconds: 2, done: () => axis.mode() !== 'stopping' }
}

function publishMotion(rotator: Rotator, at: Tick): void {
  const { context, axis } = rotator
  const tracking = rotator.tracking && axis.settled(TRACKING_TOLERANCE)
  context.event('inPosition').put({ inPosition: axis.settled(TOLERANCE) }, at)
  context.event('tracking').put({ tracking, lost: false, noNewCommand: false }, at)
  publishController(context, substateOf(axis), at)
  if (axis.mode() !== 'following' || at.tick - rotator.targetTick < TARGET_TICKS) return
  rotator.targetTick = at.tick
  const { position, velocity } = axis.demand()
  context.event('target').force({ position, velocity, tai: at.tai }, at)
}

function substateOf(axis: Axis): string {
  if (axis.mode() === 'stopping') return 'ControlledStopping'
  if (axis.mode() === 'following') return 'SlewingOrTracking'
  return axis.settled(TOLERANCE) ? 'Stationary' : 'MovingPointToPoint'
}

const startEvents = (context: ModelContext): Readonly<Record<string, Values>> => ({
  ...CONTROLLER_EVENTS,
  motionLockState: { lockState: context.valueOf('MotionLockState', 'UNLOCKED'), identity: '' },
  configuration: {
    positionAngleLowerLimit: ROTATOR.min,
    positionAngleUpperLimit: ROTATOR.max,
    velocityLimit: ROTATOR.velocity,
    accelerationLimit: ROTATOR.acceleration,
    drivesEnabled: true
  }
})
