import { type Axis, type AxisLimits, createAxis } from '../axis.ts'
import { fillArray } from '../fill-array.ts'
import type { Fill, Handler, Model, ModelContext, Work } from '../model.ts'
import { createWave } from '../random.ts'
import { numberOf, numbersOf } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { turned } from '../sky.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

/** Limits of the dome's azimuth, degrees and seconds; it can turn without end. */
const DOME_AZIMUTH: AxisLimits = { min: 0, max: 360, velocity: 1.5, acceleration: 0.75, jerk: 3 }
const SCREEN: AxisLimits = { min: 0, max: 90, velocity: 1, acceleration: 0.4, jerk: 2 }
const DOOR: AxisLimits = { min: 0, max: 100, velocity: 2, acceleration: 1, jerk: 4 }
const LOUVER: AxisLimits = { min: 0, max: 100, velocity: 4, acceleration: 2, jerk: 8 }

const TOLERANCE = 0.02
const PARK_AZIMUTH = 285
const LOUVERS = 34

/** The dome: azimuth, light and wind screen, two shutter doors, 34 louvers. */
export interface MtDome extends Model {
  /** Called by the night program: turns towards an azimuth. */
  pointTo(azimuth: number): void
  inPosition(): boolean
}

interface Parts {
  readonly azimuth: Axis
  readonly screen: Axis
  readonly doors: readonly Axis[]
  readonly louvers: readonly Axis[]
}

/** Creates the dome, open as at night. */
export function createMtDome(context: ModelContext, shared: SharedState): MtDome {
  const parts: Parts = {
    azimuth: createAxis(DOME_AZIMUTH, shared.dome.azimuth, 360),
    screen: createAxis(SCREEN, 60),
    doors: [0, 1].map(() => createAxis(DOOR, 100)),
    louvers: Array.from({ length: LOUVERS }, (_, i) => createAxis(LOUVER, i % 3 === 0 ? 100 : 60))
  }
  const { azimuth, screen, doors, louvers } = parts
  const motion = (item: string): number => context.valueOf('MotionState', item)
  let parked = false
  let lastTick = -1

  const turn = (axis: Axis, to: number, group: string): Work => {
    const seconds = axis.secondsTo(to)
    axis.moveTo(to)
    return { seconds, group, done: () => axis.settled(TOLERANCE) }
  }
  const moveAll = (axes: readonly Axis[], to: (i: number) => number, group: string): Work => {
    const seconds = Math.max(...axes.map((axis, i) => axis.secondsTo(to(i))))
    for (const [i, axis] of axes.entries()) axis.moveTo(to(i))
    return { seconds, group, done: () => axes.every(axis => axis.settled(TOLERANCE)) }
  }
  const events = (at: Tick): void => {
    const inPosition = azimuth.settled(TOLERANCE)
    const state = motion(azimuthStateOf(azimuth, inPosition, parked))
    context.event('azMotion').put({ state, inPosition }, at)
    context.event('elMotion').put(
      {
        state: motion(screen.settled(TOLERANCE) ? 'Stopped' : 'Moving'),
        inPosition: screen.settled(TOLERANCE)
      },
      at
    )
    context.event('shutterMotion').put(
      {
        state: doors.map(door => motion(openingStateOf(door))),
        inPosition: doors.map(door => door.settled(TOLERANCE))
      },
      at
    )
    context.event('louversMotion').put(
      {
        state: louvers.map(louver => motion(openingStateOf(louver))),
        inPosition: louvers.map(louver => louver.settled(TOLERANCE))
      },
      at
    )
  }
  const moveAz = (position: number, velocity: number, at: Tick): Work => {
    parked = false
    context.event('azTarget').put({ position, velocity }, at)
    return turn(azimuth, position, 'azimuth')
  }
  const stop: Handler = ({ params, abort }) => {
    const which = numberOf(params, 'subSystemIds')
    const all = which === 0
    const stopped: Axis[] = []
    for (const [bit, group, axes] of [
      [1, 'azimuth', [azimuth]],
      [2, 'elevation', [screen]],
      [4, 'shutter', doors],
      [8, 'louvers', louvers]
    ] as const) {
      if (!all && (which & bit) === 0) continue
      abort(group, 'stop')
      for (const axis of axes) axis.stop()
      stopped.push(...axes)
    }
    return { seconds: 3, done: () => stopped.every(axis => axis.mode() !== 'stopping') }
  }
  return {
    pointTo(to) {
      if (context.state() !== SUMMARY.ENABLED) return
      parked = false
      azimuth.moveTo(to)
    },
    inPosition: () => azimuth.settled(2),
    advance(at) {
      if (at.tick === lastTick) return
      lastTick = at.tick
      azimuth.advance(at.seconds)
      screen.advance(at.seconds)
      for (const door of doors) door.advance(at.seconds)
      if (at.tick % 5 === 0) for (const louver of louvers) louver.advance(at.seconds)
      shared.dome = { azimuth: turned(azimuth.position()), open: (doors[0]?.position() ?? 0) > 50 }
      if (context.state() === SUMMARY.ENABLED) events(at)
    },
    entered(next) {
      if (next !== SUMMARY.ENABLED) azimuth.stop()
    },
    telemetry: domeTelemetry(parts, shared),
    events: startEvents(context),
    notAtStart: ['azTarget', 'elTarget'],
    commands: {
      moveAz: ({ params, at }) =>
        moveAz(numberOf(params, 'position', [0, 360]), numberOf(params, 'velocity', [-1.5, 1.5]), at),
      crawlAz: ({ params, abort }) => {
        abort('azimuth', 'superseded by crawlAz')
        azimuth.crawl(numberOf(params, 'velocity', [-1.5, 1.5]))
      },
      moveEl: ({ params }) =>
        turn(screen, numberOf(params, 'position', [SCREEN.min, SCREEN.max]), 'elevation'),
      crawlEl: ({ params, abort }) => {
        abort('elevation', 'superseded by crawlEl')
        screen.crawl(numberOf(params, 'velocity', [-1, 1]))
      },
      park: ({ at }) => {
        const work = moveAz(PARK_AZIMUTH, 0, at)
        parked = true
        return work
      },
      openShutter: () => moveAll(doors, () => 100, 'shutter'),
      closeShutter: () => moveAll(doors, () => 0, 'shutter'),
      setLouvers: ({ params }) => {
        const wanted = numbersOf(params, 'position', LOUVERS)
        // A negative value leaves a louver where it is.
        return moveAll(
          louvers,
          i => ((wanted[i] ?? -1) < 0 ? (louvers[i]?.demand().position ?? 0) : (wanted[i] ?? 0)),
          'louvers'
        )
      },
      closeLouvers: () => moveAll(louvers, () => 0, 'louvers'),
      stop
    }
  }
}

function azimuthStateOf(azimuth: Axis, inPosition: boolean, parked: boolean): string {
  if (azimuth.mode() === 'crawling') return 'Crawling'
  if (azimuth.mode() === 'stopping') return 'Stopping'
  if (!inPosition) return parked ? 'Parking' : 'Moving'
  return parked ? 'Parked' : 'Stopped'
}

function openingStateOf(axis: Axis): string {
  if (axis.settled(TOLERANCE)) return axis.position() < 0.5 ? 'Closed' : 'Open'
  return axis.demand().position > axis.position() ? 'Opening' : 'Closing'
}

function domeTelemetry(
  { azimuth, screen, doors, louvers }: Parts,
  shared: SharedState
): Readonly<Record<string, Fill>> {
  const wobble = createWave('dome/encoder', 3, 60)
  return {
    azimuth: (values, at) => {
      const torque = 900 * azimuth.acceleration() + 120 * Math.tanh(20 * azimuth.velocity())
      const position = turned(azimuth.position())
      values['positionActual'] = position
      values['positionCommanded'] = turned(azimuth.demand().position)
      values['velocityActual'] = azimuth.velocity()
      values['velocityCommanded'] = azimuth.demand().velocity
      fillArray(values, 'driveTorqueActual', 5, i => torque * (1 + 0.02 * i) + 4 * wobble(at.seconds + i))
      fillArray(values, 'driveTorqueCommanded', 5, () => torque)
      fillArray(
        values,
        'driveCurrentActual',
        5,
        i => Math.abs(torque) / 60 + 0.4 + 0.05 * wobble(at.seconds + 3 * i)
      )
      fillArray(values, 'encoderHeadRaw', 5, i => position + 0.002 * i)
      fillArray(values, 'encoderHeadCalibrated', 5, () => position)
    },
    lightWindScreen: values => {
      values['positionActual'] = screen.position()
      values['positionCommanded'] = screen.demand().position
      values['velocityActual'] = screen.velocity()
      values['velocityCommanded'] = screen.demand().velocity
      values['powerDraw'] = 400 + 9000 * Math.abs(screen.velocity())
    },
    apertureShutter: values => {
      fillArray(values, 'positionActual', 2, i => doors[i]?.position() ?? 0)
      fillArray(values, 'positionCommanded', 2, i => doors[i]?.demand().position ?? 0)
      fillArray(values, 'driveTorqueActual', 4, i => 300 * (doors[i >> 1]?.velocity() ?? 0))
      values['powerDraw'] = 300 + 2000 * Math.abs(doors[0]?.velocity() ?? 0)
    },
    louvers: values => {
      fillArray(values, 'positionActual', LOUVERS, i => louvers[i]?.position() ?? 0)
      fillArray(values, 'positionCommanded', LOUVERS, i => louvers[i]?.demand().position ?? 0)
      fillArray(values, 'driveTorqueActual', 2 * LOUVERS, i => 20 * (louvers[i >> 1]?.velocity() ?? 0))
    },
    thermal: (values, at) => {
      fillArray(
        values,
        'driveTemperature',
        10,
        i => shared.air.temperature + 4 + 0.3 * i + wobble(at.seconds / 20 + i)
      )
    }
  }
}

function startEvents(context: ModelContext): Readonly<Record<string, Readonly<Record<string, unknown>>>> {
  const state = context.valueOf('EnabledState', 'Enabled')
  const enabled = [
    'azEnabled',
    'elEnabled',
    'shutterEnabled',
    'louversEnabled',
    'radEnabled',
    'calibrationScreenEnabled'
  ]
  const parked = context.valueOf('MotionState', 'Stopped')
  return {
    ...Object.fromEntries(enabled.map(topic => [topic, { state, faultCode: '' }])),
    azMotion: { state: parked, inPosition: true },
    elMotion: { state: parked, inPosition: true },
    radMotion: { state: [parked, parked], inPosition: [true, true] },
    calibrationScreenMotion: { state: parked, inPosition: true },
    brakesEngaged: { brakes: '' },
    lockingPinsEngaged: { engaged: 0 },
    interlocks: { interlocks: 0 },
    operationalMode: { operationalMode: context.valueOf('OperationalMode', 'Normal'), subSystemId: 1 },
    controlMode: { mode: context.valueOf('ControlMode', 'Remote') },
    powerManagementMode: { mode: context.valueOf('PowerManagementMode', 'OPERATIONS') },
    azConfigurationApplied: {
      jmax: DOME_AZIMUTH.jerk,
      amax: DOME_AZIMUTH.acceleration,
      vmax: DOME_AZIMUTH.velocity
    }
  }
}
