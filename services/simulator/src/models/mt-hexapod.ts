import { createAxis } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import type { Model, ModelContext, Params, Work } from '../model.ts'
import { createWave } from '../random.ts'
import { numberOf, truthOf } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

/** Micrometres for x, y, z and degrees for u, v, w, as the component's own units are. */
const AXES = ['x', 'y', 'z', 'u', 'v', 'w'] as const
const LIMITS = [
  { min: -11_400, max: 11_400, velocity: 500, acceleration: 500, jerk: 4000 },
  { min: -11_400, max: 11_400, velocity: 500, acceleration: 500, jerk: 4000 },
  { min: -13_100, max: 13_100, velocity: 500, acceleration: 500, jerk: 4000 },
  { min: -0.36, max: 0.36, velocity: 0.03, acceleration: 0.03, jerk: 0.24 },
  { min: -0.36, max: 0.36, velocity: 0.03, acceleration: 0.03, jerk: 0.24 },
  { min: -0.1, max: 0.1, velocity: 0.01, acceleration: 0.01, jerk: 0.08 }
] as const
const TOLERANCE = [0.5, 0.5, 0.5, 2e-5, 2e-5, 2e-5] as const
const STRUT_RADIUS = 800
const MOTION = 'motion'

type Pose = readonly number[]

/** A hexapod: six coordinates that move together, six struts that follow. */
export interface MtHexapod extends Model {
  /** Called by the night program: compensates for where the telescope points. */
  compensate(at: Tick): void
}

/** Creates a hexapod; index 1 carries the camera, 2 the secondary mirror. */
export function createMtHexapod(context: ModelContext, shared: SharedState): MtHexapod {
  const axes = LIMITS.map(limits => createAxis(limits, 0))
  const waves = AXES.map(name => createWave(name, context.seed, 90))
  let uncompensated: Pose = [0, 0, 0, 0, 0, 0]
  let compensating = true
  let compensatedAt = Number.NEGATIVE_INFINITY
  let lastTick = -1

  const settled = (): boolean => axes.every((axis, i) => axis.settled(TOLERANCE[i] ?? 0.5))
  const still = (): boolean => axes.every(axis => axis.mode() !== 'stopping')
  const correction = (): Pose => (compensating ? correctionOf(shared, context.index) : [0, 0, 0, 0, 0, 0])
  const drive = (at: Tick): number => {
    const extra = correction()
    const goal = uncompensated.map((value, i) => value + (extra[i] ?? 0))
    const seconds = Math.max(...axes.map((axis, i) => axis.secondsTo(goal[i] ?? 0)))
    for (const [i, axis] of axes.entries()) axis.moveTo(goal[i] ?? 0)
    context.event('uncompensatedPosition').put(poseFields(uncompensated), at)
    context.event('compensatedPosition').put(poseFields(goal), at)
    if (compensating)
      context.event('compensationOffset').put({ ...offsetFields(shared), ...poseFields(extra) }, at)
    return seconds
  }
  const moveTo = (pose: Pose, at: Tick): Work => {
    uncompensated = pose
    return { seconds: drive(at), group: MOTION, done: settled }
  }
  const events = (at: Tick): void => {
    context.event('inPosition').put({ inPosition: settled() }, at)
    const moving = still() ? 'MovingPointToPoint' : 'ControlledStopping'
    context.event('controllerState').put(
      {
        controllerState: context.valueOf('ControllerState', 'Enabled'),
        enabledSubstate: context.valueOf('EnabledSubstate', settled() ? 'Stationary' : moving),
        applicationStatus: context.valueOf('ApplicationStatus', 'DDS_COMMAND_SOURCE')
      },
      at
    )
  }
  return {
    compensate(at) {
      if (context.state() !== SUMMARY.ENABLED || !compensating || at.seconds - compensatedAt < 5) return
      compensatedAt = at.seconds
      drive(at)
    },
    advance(at) {
      if (at.tick === lastTick) return
      lastTick = at.tick
      for (const axis of axes) axis.advance(at.seconds)
      if (context.state() === SUMMARY.ENABLED && at.tick % 5 === 0) events(at)
    },
    entered(next, at) {
      if (next === SUMMARY.ENABLED) return
      for (const axis of axes) axis.stop()
      const item = next === SUMMARY.FAULT ? 'Fault' : 'Standby'
      context.event('controllerState').put({ controllerState: context.valueOf('ControllerState', item) }, at)
    },
    telemetry: {
      application: (values, at) => {
        fillArray(values, 'demand', 6, i => axes[i]?.demand().position ?? 0)
        fillArray(values, 'position', 6, i => (axes[i]?.position() ?? 0) + noise(waves, i, at))
        fillArray(values, 'error', 6, i => noise(waves, i, at))
      },
      actuators: (values, at) => {
        const lengths = strutsOf(axes.map(axis => axis.position()))
        fillArray(values, 'calibrated', 6, i => (lengths[i] ?? 0) + noise(waves, i % 3, at))
        fillArray(values, 'raw', 6, i => Math.round((lengths[i] ?? 0) / 0.2))
        fillArray(values, 'positionError', 6, i => noise(waves, i % 3, at))
      },
      electrical: (values, at) => {
        fillArray(
          values,
          'motorCurrent',
          6,
          i => 0.3 + 0.002 * Math.abs(axes[i]?.velocity() ?? 0) + 0.01 * noise(waves, 0, at)
        )
        fillArray(values, 'busVoltage', 3, i => 47.9 + 0.1 * i)
      }
    },
    events: {
      connected: { connected: true },
      interlock: { engaged: false },
      commandableByDDS: { state: true },
      inPosition: { inPosition: true },
      compensationMode: { enabled: true },
      uncompensatedPosition: poseFields(uncompensated),
      configuration: {
        maxXY: 11_400,
        minZ: -13_100,
        maxZ: 13_100,
        maxUV: 0.36,
        minW: -0.1,
        maxW: 0.1,
        drivesEnabled: true
      }
    },
    commands: {
      move: ({ params, at }) => moveTo(poseFrom(params), at),
      offset: ({ params, at }) => {
        const change = poseFrom(params)
        return moveTo(
          uncompensated.map((value, i) => value + (change[i] ?? 0)),
          at
        )
      },
      setCompensationMode: ({ params, at }) => {
        compensating = truthOf(params, 'enable')
        context.event('compensationMode').put({ enabled: compensating }, at)
        return { seconds: drive(at), group: MOTION, done: settled }
      },
      stop: ({ abort }) => {
        abort(MOTION, 'stop')
        for (const axis of axes) axis.stop()
        return { seconds: 2, done: still }
      }
    }
  }
}

const noise = (waves: readonly ((seconds: number) => number)[], i: number, at: Tick): number =>
  (i < 3 ? 0.15 : 5e-6) * (waves[i]?.(at.seconds) ?? 0)

const poseFrom = (params: Params): Pose =>
  AXES.map((name, i) => numberOf(params, name, [LIMITS[i]?.min ?? 0, LIMITS[i]?.max ?? 0]))

const poseFields = (pose: Pose): Record<string, number> =>
  Object.fromEntries(AXES.map((name, i) => [name, pose[i] ?? 0]))

const offsetFields = ({ mount, rotator, air }: SharedState): Record<string, number> => ({
  elevation: mount.elevation,
  azimuth: mount.azimuth,
  rotation: rotator.position,
  temperature: air.temperature
})

/** Compensation for the bending of the telescope by gravity and temperature, by elevation. */
function correctionOf({ mount, air }: SharedState, index: number): Pose {
  const tilt = Math.cos((mount.elevation * Math.PI) / 180)
  const sign = index === 1 ? 1 : -1
  return [
    0,
    sign * -610 * tilt,
    sign * 420 * (1 - tilt) - 12 * (air.temperature - 10),
    sign * 0.011 * tilt,
    0,
    0
  ]
}

/** Length changes of the six struts for a pose; valid for small angles, struts in three pairs. */
function strutsOf([x = 0, y = 0, z = 0, u = 0, v = 0, w = 0]: Pose): number[] {
  return Array.from({ length: 6 }, (_, i) => {
    const angle = (Math.PI / 3) * i + (i % 2 === 0 ? 0.2 : -0.2)
    const lean = i % 2 === 0 ? 0.35 : -0.35
    const rad = (Math.PI / 180) * STRUT_RADIUS * 1000
    return (
      0.9 * (z + rad * (u * Math.sin(angle) - v * Math.cos(angle))) +
      lean * (-x * Math.sin(angle) + y * Math.cos(angle) + rad * w)
    )
  })
}
