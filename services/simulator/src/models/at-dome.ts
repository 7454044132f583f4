import { type Axis, createAxis } from '../axis.ts'
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
import { numberOf, truthOf } from '../refuse.ts'
import { turned } from '../sky.ts'
import { SUMMARY, type SummaryState } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

const AZIMUTH = { min: 0, max: 360, velocity: 3.3, acceleration: 1.5, jerk: 6 }
const DOOR = { min: 0, max: 100, velocity: 2.5, acceleration: 2, jerk: 8 }
const TOLERANCE = 0.5
const COUNTS_PER_TURN = 4_000_000
const HOME_AZIMUTH = 10

/** The auxiliary telescope's dome: azimuth, main door, dropout door. */
export interface AtDome extends Model {
  /** Called by the night program: moves the dome. */
  pointTo(azimuth: number): void
}

/** Parts and state of the dome; each moving part is the name of a group of commands. */
interface Dome {
  readonly context: ModelContext
  readonly azimuth: Axis
  readonly main: Axis
  readonly dropout: Axis
  homing: boolean
}

/** Creates the dome, open as at night. */
export function createAtDome(context: ModelContext): AtDome {
  const dome: Dome = {
    context,
    azimuth: createAxis(AZIMUTH, 90, 360),
    main: createAxis(DOOR, 100),
    dropout: createAxis(DOOR, 100),
    homing: false
  }
  const notAtStart = ['azimuthCommandedState', 'lastAzimuthGoTo']
  return {
    ...createModel(dome, { step, entered, telemetry, commands, events, notAtStart }),
    pointTo(degrees) {
      if (context.state() === SUMMARY.ENABLED) dome.azimuth.moveTo(degrees)
    }
  }
}

const axesOf = ({ azimuth, main, dropout }: Dome): readonly Axis[] => [azimuth, main, dropout]

function step(dome: Dome, at: Tick): void {
  for (const axis of axesOf(dome)) axis.advance(at.seconds)
  if (dome.context.state() === SUMMARY.ENABLED) publishMotion(dome, at)
}

function entered({ azimuth }: Dome, next: SummaryState): void {
  if (next !== SUMMARY.ENABLED) azimuth.stop()
}

const telemetry: TelemetryTable<Dome> = {
  position: ({ azimuth, main, dropout }, values) => {
    const position = turned(azimuth.position())
    values['azimuthPosition'] = position
    values['azimuthEncoderPosition'] = Math.round((position / 360) * COUNTS_PER_TURN)
    values['mainDoorOpeningPercentage'] = main.position()
    values['dropoutDoorOpeningPercentage'] = dropout.position()
  }
}

const commands: CommandTable<Dome> = {
  moveAzimuth: (dome, { params, at }) => turn(dome, numberOf(params, 'azimuth', [0, 360]), at),
  homeAzimuth: home,
  stopMotion,
  openShutter: (dome, call) => moveShutter(dome, true, call),
  closeShutter: (dome, call) => moveShutter(dome, false, call),
  moveShutterMainDoor: (dome, { params }) => moveDoor(dome, 'main', truthOf(params, 'open')),
  moveShutterDropoutDoor: (dome, { params }) => moveDoor(dome, 'dropout', truthOf(params, 'open'))
}

function turn(dome: Dome, degrees: number, at: Tick): Work {
  const { azimuth } = dome
  publishCommanded(dome, { item: 'GoToPosition', degrees }, at)
  const seconds = azimuth.secondsTo(degrees)
  azimuth.moveTo(degrees)
  return { seconds, group: 'azimuth', done: () => azimuth.settled(TOLERANCE) }
}

function home(dome: Dome, { at }: Call): Work {
  dome.homing = true
  const work = turn(dome, HOME_AZIMUTH, at)
  return {
    ...work,
    done(now) {
      dome.homing = !work.done(now)
      return !dome.homing
    }
  }
}

function stopMotion(dome: Dome, { abort, at }: Call): Work {
  const { azimuth } = dome
  for (const group of ['azimuth', 'main', 'dropout']) abort(group, 'stopMotion')
  dome.homing = false
  publishCommanded(dome, { item: 'Stop', degrees: azimuth.position() }, at)
  for (const axis of axesOf(dome)) axis.stop()
  return { seconds: 2, done: () => azimuth.mode() !== 'stopping' }
}

function moveDoor(dome: Dome, group: 'main' | 'dropout', open: boolean): Work {
  const axis = dome[group]
  const goal = open ? 100 : 0
  const seconds = axis.secondsTo(goal)
  axis.moveTo(goal)
  return { seconds, group, done: () => axis.settled(TOLERANCE) }
}

function moveShutter(dome: Dome, open: boolean, { abort }: Call): Work {
  abort('dropout', 'superseded by the shutter')
  const works = [moveDoor(dome, 'main', open), moveDoor(dome, 'dropout', open)]
  const seconds = Math.max(...works.map(work => work.seconds))
  return { seconds, group: 'main', done: at => works.every(work => work.done(at)) }
}

function publishCommanded({ context }: Dome, to: { item: string; degrees: number }, at: Tick): void {
  const commandedState = context.valueOf('AzimuthCommandedState', to.item)
  context.event('azimuthCommandedState').put({ commandedState, azimuth: to.degrees }, at)
}

function publishMotion({ context, azimuth, main, dropout, homing }: Dome, at: Tick): void {
  const put = (topic: string, values: Values): void => void context.event(topic).put(values, at)
  const inPosition = azimuth.settled(TOLERANCE)
  const still = main.settled(TOLERANCE) && dropout.settled(TOLERANCE)
  const state = context.valueOf('AzimuthState', azimuthStateOf(azimuth))
  put('azimuthState', { state, homing, homed: true, homeSwitch: false })
  put('azimuthInPosition', { inPosition })
  put('mainDoorState', { state: context.valueOf('ShutterDoorState', doorStateOf(main)) })
  put('dropoutDoorState', { state: context.valueOf('ShutterDoorState', doorStateOf(dropout)) })
  put('shutterInPosition', { inPosition: still })
  put('allAxesInPosition', { inPosition: inPosition && still })
}

function azimuthStateOf(azimuth: Axis): string {
  if (azimuth.velocity() === 0) return 'NotInMotion'
  return azimuth.velocity() > 0 ? 'MovingCW' : 'MovingCCW'
}

function doorStateOf(door: Axis): string {
  if (!door.settled(TOLERANCE)) return door.demand().position > door.position() ? 'Opening' : 'Closing'
  if (door.position() < 1) return 'Closed'
  return door.position() > 99 ? 'Opened' : 'PartiallyOpened'
}

const events: Readonly<Record<string, Values>> = {
  moveCode: { code: 0 },
  emergencyStop: { active: false },
  scbLink: { active: true },
  settingsAppliedDomeController: {
    tolerance: TOLERANCE,
    homeAzimuth: HOME_AZIMUTH,
    encoderCountsPer360: COUNTS_PER_TURN
  }
}
