import { type AxisLimits, createAxis, type Setpoint } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import type { Model, ModelContext } from '../model.ts'
import { createWave } from '../random.ts'
import { numberOf, refuse } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

/** Limits of the rotator in degrees and seconds. */
const ROTATOR: AxisLimits = { min: -90, max: 90, velocity: 3.5, acceleration: 1, jerk: 4 }
const TOLERANCE = 0.0005
const MOTION = 'motion'

/** The rotator that carries the camera of the main telescope. */
export interface MtRotator extends Model {
  /** Called by the drive: follows a moving angle. */
  track(target: (seconds: number) => Setpoint): void
  inPosition(): boolean
}

/** Creates the rotator, at rest at 0 degrees. */
export function createMtRotator(context: ModelContext, shared: SharedState): MtRotator {
  const axis = createAxis(ROTATOR, 0)
  const jitter = createWave('rotator', context.seed, 30)
  let tracking = false
  let odometer = 4210
  let lastTick = -1
  let lastTarget = 0

  const substate = (): string => {
    if (axis.mode() === 'stopping') return 'ControlledStopping'
    if (axis.mode() === 'following') return 'SlewingOrTracking'
    return axis.settled(TOLERANCE) ? 'Stationary' : 'MovingPointToPoint'
  }
  const events = (at: Tick): void => {
    context.event('inPosition').put({ inPosition: axis.settled(TOLERANCE) }, at)
    context
      .event('tracking')
      .put({ tracking: tracking && axis.settled(0.01), lost: false, noNewCommand: false }, at)
    context.event('controllerState').put(
      {
        controllerState: context.valueOf('ControllerState', 'Enabled'),
        enabledSubstate: context.valueOf('EnabledSubstate', substate()),
        applicationStatus: context.valueOf('ApplicationStatus', 'DDS_COMMAND_SOURCE')
      },
      at
    )
    if (axis.mode() !== 'following' || at.tick - lastTarget < 5) return
    lastTarget = at.tick
    const { position, velocity } = axis.demand()
    context.event('target').force({ position, velocity, tai: at.tai }, at)
  }
  const follow = (target: (seconds: number) => Setpoint): void => {
    tracking = true
    axis.follow(target)
  }
  return {
    track(target) {
      if (context.state() === SUMMARY.ENABLED) follow(target)
    },
    inPosition: () => axis.settled(0.01),
    advance(at) {
      if (at.tick === lastTick) return
      lastTick = at.tick
      const before = axis.position()
      axis.advance(at.seconds)
      odometer += Math.abs(axis.position() - before)
      shared.rotator = { position: axis.position(), velocity: axis.velocity() }
      if (context.state() === SUMMARY.ENABLED) events(at)
    },
    entered(next, at) {
      if (next === SUMMARY.ENABLED) return
      tracking = false
      axis.stop()
      const item = next === SUMMARY.FAULT ? 'Fault' : 'Standby'
      context.event('controllerState').put({ controllerState: context.valueOf('ControllerState', item) }, at)
    },
    telemetry: {
      rotation: (values, at) => {
        values['demandPosition'] = axis.demand().position
        values['demandVelocity'] = axis.demand().velocity
        values['demandAcceleration'] = axis.acceleration()
        values['actualPosition'] = axis.position() + 4e-6 * jitter(at.seconds)
        values['actualVelocity'] = axis.velocity()
        values['debugActualVelocityA'] = axis.velocity()
        values['debugActualVelocityB'] = axis.velocity()
        values['odometer'] = odometer
      },
      motors: (values, at) => {
        const torque = 4 * axis.acceleration() + 0.6 * Math.tanh(axis.velocity() * 50)
        fillArray(values, 'raw', 2, i => axis.position() * 12_000 + i * 40)
        fillArray(values, 'torque', 2, i => torque + 0.05 * jitter(at.seconds + i))
        fillArray(values, 'current', 2, i => torque / 2.2 + 0.02 * jitter(at.seconds + 9 * i))
        values['busVoltage'] = 48 + 0.2 * jitter(at.seconds / 7)
      },
      ccwFollowingError: (values, at) => {
        values['positionError'] = 0.02 * axis.velocity() + 0.001 * jitter(at.seconds)
        values['velocityError'] = 0.01 * axis.acceleration()
      }
    },
    events: {
      connected: { connected: true },
      interlock: { engaged: false },
      commandableByDDS: { state: true },
      inPosition: { inPosition: true },
      motionLockState: { lockState: context.valueOf('MotionLockState', 'UNLOCKED'), identity: '' },
      configuration: {
        positionAngleLowerLimit: ROTATOR.min,
        positionAngleUpperLimit: ROTATOR.max,
        velocityLimit: ROTATOR.velocity,
        accelerationLimit: ROTATOR.acceleration,
        drivesEnabled: true
      }
    },
    notAtStart: ['target', 'lowFrequencyVibration'],
    commands: {
      move: ({ params }) => {
        const position = numberOf(params, 'position', [ROTATOR.min, ROTATOR.max])
        tracking = false
        const seconds = axis.secondsTo(position)
        axis.moveTo(position)
        return { seconds, group: MOTION, done: () => axis.settled(TOLERANCE) }
      },
      trackStart: ({ abort }) => {
        abort(MOTION, 'superseded by trackStart')
        tracking = true
      },
      track: ({ params, at }) => {
        if (!tracking) throw refuse('trackStart comes first')
        const angle = numberOf(params, 'angle', [ROTATOR.min, ROTATOR.max])
        const velocity = numberOf(params, 'velocity', [-0.07, 0.07])
        const since = numberOf(params, 'tai') || at.tai
        follow(seconds => ({
          position: angle + velocity * (at.tai + seconds - at.seconds - since),
          velocity
        }))
      },
      stop: ({ abort }) => {
        abort(MOTION, 'stop')
        tracking = false
        axis.stop()
        return { seconds: 2, done: () => axis.mode() !== 'stopping' }
      },
      fault: ({ at }) => {
        context.fault(1, 'fault command', at)
      }
    }
  }
}
