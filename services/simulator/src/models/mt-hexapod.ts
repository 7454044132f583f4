import { type Axis, createAxis } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type Params,
  type TelemetryTable,
  type Work
} from '../model.ts'
import type { Values } from '../outlet.ts'
import { createWave, type Wave } from '../random.ts'
import { numberOf, truthOf } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { AXES, correctionOf, ORIGIN, type Pose, poseFields, strutsOf, sumOf } from './hexapod-geometry.ts'
import { CONTROLLER_EVENTS, publishController, publishDisabledController } from './motion-controller.ts'

const PLANE = { min: -11_400, max: 11_400, velocity: 500, acceleration: 500, jerk: 4000 }
const FOCUS = { ...PLANE, min: -13_100, max: 13_100 }
const TILT = { min: -0.36, max: 0.36, velocity: 0.03, acceleration: 0.03, jerk: 0.24 }
const ROTATION = { min: -0.1, max: 0.1, velocity: 0.01, acceleration: 0.01, jerk: 0.08 }
/** Limits and tolerances of the coordinates, in the order of AXES. */
const LIMITS = [PLANE, PLANE, FOCUS, TILT, TILT, ROTATION] as const
const TOLERANCE = [0.5, 0.5, 0.5, 2e-5, 2e-5, 2e-5] as const
const COMPENSATION_SECONDS = 5
const EVENT_TICKS = 5
const MOTION = 'motion'

/** A hexapod: six coordinates that move together, six struts that follow. */
export interface MtHexapod extends Model {
  /** Called by the night program: compensates for where the telescope points. */
  compensate(at: Tick): void
}

/** Parts and state of a hexapod. */
interface Hexapod {
  readonly context: ModelContext
  readonly shared: SharedState
  readonly axes: readonly Axis[]
  readonly waves: readonly Wave[]
  /** Where operators sent it; it stands there plus the compensation. */
  uncompensated: Pose
  compensating: boolean
  /** Second of the last compensation by the night program. */
  compensatedAt: number
}

/** Creates a hexapod; index 1 carries the camera, 2 the secondary mirror. */
export function createMtHexapod(context: ModelContext, shared: SharedState): MtHexapod {
  const hexapod: Hexapod = {
    context,
    shared,
    axes: LIMITS.map(limits => createAxis(limits, 0)),
    waves: AXES.map(name => createWave(name, context.seed, 90)),
    uncompensated: ORIGIN,
    compensating: true,
    compensatedAt: Number.NEGATIVE_INFINITY
  }
  return {
    ...createModel(hexapod, { step, entered, telemetry, commands, events }),
    compensate: at => compensate(hexapod, at)
  }
}

function step({ context, axes }: Hexapod, at: Tick): void {
  for (const axis of axes) axis.advance(at.seconds)
  if (context.state() !== SUMMARY.ENABLED || at.tick % EVENT_TICKS !== 0) return
  context.event('inPosition').put({ inPosition: settled(axes) }, at)
  publishController(context, substateOf(axes), at)
}

function entered({ context, axes }: Hexapod, next: SummaryState, at: Tick): void {
  if (next === SUMMARY.ENABLED) return
  for (const axis of axes) axis.stop()
  publishDisabledController(context, next, at)
}

const telemetry: TelemetryTable<Hexapod> = {
  application: ({ axes, waves }, values, at) => {
    fillArray(values, 'demand', 6, i => axes[i]?.demand().position ?? 0)
    fillArray(values, 'position', 6, i => (axes[i]?.position() ?? 0) + noise(waves, i, at))
    fillArray(values, 'error', 6, i => noise(waves, i, at))
  },
  actuators: ({ axes, waves }, values, at) => {
    const lengths = strutsOf(axes.map(axis => axis.position()))
    fillArray(values, 'calibrated', 6, i => (lengths[i] ?? 0) + noise(waves, i % 3, at))
    fillArray(values, 'raw', 6, i => Math.round((lengths[i] ?? 0) / 0.2))
    fillArray(values, 'positionError', 6, i => noise(waves, i % 3, at))
  },
  electrical: ({ axes, waves }, values, at) => {
    const load = (i: number): number => 0.002 * Math.abs(axes[i]?.velocity() ?? 0)
    fillArray(values, 'motorCurrent', 6, i => 0.3 + load(i) + 0.01 * noise(waves, 0, at))
    fillArray(values, 'busVoltage', 3, i => 47.9 + 0.1 * i)
  }
}

const commands: CommandTable<Hexapod> = {
  move: (hexapod, { params, at }) => moveTo(hexapod, poseFrom(params), at),
  offset: (hexapod, { params, at }) => moveTo(hexapod, sumOf(hexapod.uncompensated, poseFrom(params)), at),
  setCompensationMode: (hexapod, { params, at }) => {
    hexapod.compensating = truthOf(params, 'enable')
    hexapod.context.event('compensationMode').put({ enabled: hexapod.compensating }, at)
    return moveTo(hexapod, hexapod.uncompensated, at)
  },
  stop
}

const poseFrom = (params: Params): Pose =>
  AXES.map((name, i) => numberOf(params, name, [LIMITS[i]?.min ?? 0, LIMITS[i]?.max ?? 0]))

function moveTo(hexapod: Hexapod, pose: Pose, at: Tick): Work {
  hexapod.uncompensated = pose
  return { seconds: drive(hexapod, at), group: MOTION, done: () => settled(hexapod.axes) }
}

function stop({ axes }: Hexapod, { abort }: Call): Work {
  abort(MOTION, 'stop')
  for (const axis of axes) axis.stop()
  return { seconds: 2, done: () => still(axes) }
}

function compensate(hexapod: Hexapod, at: Tick): void {
  const { context, compensating, compensatedAt } = hexapod
  if (context.state() !== SUMMARY.ENABLED || !compensating) return
  if (at.seconds - compensatedAt < COMPENSATION_SECONDS) return
  hexapod.compensatedAt = at.seconds
  drive(hexapod, at)
}

/** Starts the way to the compensated pose and says so; returns about how many seconds it takes. */
function drive({ context, shared, axes, uncompensated, compensating }: Hexapod, at: Tick): number {
  const extra = compensating ? correctionOf(shared, context.index) : ORIGIN
  const goal = sumOf(uncompensated, extra)
  const seconds = Math.max(...axes.map((axis, i) => axis.secondsTo(goal[i] ?? 0)))
  for (const [i, axis] of axes.entries()) axis.moveTo(goal[i] ?? 0)
  context.event('uncompensatedPosition').put(poseFields(uncompensated), at)
  context.event('compensatedPosition').put(poseFields(goal), at)
  if (compensating)
    context.event('compensationOffset').put({ ...offsetFields(shared), ...poseFields(extra) }, at)
  return seconds
}

const offsetFields = ({ mount, rotator, air }: SharedState): Values => ({
  elevation: mount.elevation,
  azimuth: mount.azimuth,
  rotation: rotator.position,
  temperature: air.temperature
})

const settled = (axes: readonly Axis[]): boolean => axes.every((axis, i) => axis.settled(TOLERANCE[i] ?? 0.5))

const still = (axes: readonly Axis[]): boolean => axes.every(axis => axis.mode() !== 'stopping')

function substateOf(axes: readonly Axis[]): string {
  if (settled(axes)) return 'Stationary'
  return still(axes) ? 'MovingPointToPoint' : 'ControlledStopping'
}

const noise = (waves: readonly Wave[], i: number, at: Tick): number =>
  (i < 3 ? 0.15 : 5e-6) * (waves[i]?.(at.seconds) ?? 0)

const events: Readonly<Record<string, Values>> = {
  ...CONTROLLER_EVENTS,
  compensationMode: { enabled: true },
  uncompensatedPosition: poseFields(ORIGIN),
  configuration: {
    maxXY: PLANE.max,
    minZ: FOCUS.min,
    maxZ: FOCUS.max,
    maxUV: TILT.max,
    minW: ROTATION.min,
    maxW: ROTATION.max,
    drivesEnabled: true
  }
}
