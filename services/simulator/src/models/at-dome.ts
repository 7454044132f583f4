import { type Axis, createAxis } from '../axis.ts'
import type { Handler, Model, ModelContext, Work } from '../model.ts'
import { numberOf, truthOf } from '../refuse.ts'
import { turned } from '../sky.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

const AZIMUTH = { min: 0, max: 360, velocity: 3.3, acceleration: 1.5, jerk: 6 }
const DOOR = { min: 0, max: 100, velocity: 2.5, acceleration: 2, jerk: 8 }
const TOLERANCE = 0.5
const COUNTS_PER_TURN = 4_000_000

/** The auxiliary telescope's dome: azimuth, main door, dropout door. */
export interface AtDome extends Model {
  /** Called by the night program: moves the dome. */
  pointTo(azimuth: number): void
}

/** Creates the dome, open as at night. */
export function createAtDome(context: ModelContext): AtDome {
  const azimuth = createAxis(AZIMUTH, 90, 360)
  const main = createAxis(DOOR, 100)
  const dropout = createAxis(DOOR, 100)
  let homing = false
  let lastTick = -1

  const go = (azimuthDegrees: number, at: Tick): Work => {
    commanded('GoToPosition', azimuthDegrees, at)
    const seconds = azimuth.secondsTo(azimuthDegrees)
    azimuth.moveTo(azimuthDegrees)
    return { seconds, group: 'azimuth', done: () => azimuth.settled(TOLERANCE) }
  }
  const commanded = (item: string, degrees: number, at: Tick): void => {
    const commandedState = context.valueOf('AzimuthCommandedState', item)
    context.event('azimuthCommandedState').put({ commandedState, azimuth: degrees }, at)
  }
  const door = (axis: Axis, open: boolean): Work => {
    const goal = open ? 100 : 0
    const seconds = axis.secondsTo(goal)
    axis.moveTo(goal)
    return { seconds, group: axis === main ? 'main' : 'dropout', done: () => axis.settled(TOLERANCE) }
  }
  const shutter =
    (open: boolean): Handler =>
    ({ abort }) => {
      abort('dropout', 'superseded by the shutter')
      const works = [door(main, open), door(dropout, open)]
      return {
        seconds: Math.max(...works.map(work => work.seconds)),
        group: 'main',
        done: at => works.every(work => work.done(at))
      }
    }
  const doorState = (axis: Axis): number => {
    const still = axis.settled(TOLERANCE)
    if (still && axis.position() < 1) return context.valueOf('ShutterDoorState', 'Closed')
    if (still) return context.valueOf('ShutterDoorState', axis.position() > 99 ? 'Opened' : 'PartiallyOpened')
    return context.valueOf(
      'ShutterDoorState',
      axis.demand().position > axis.position() ? 'Opening' : 'Closing'
    )
  }
  const events = (at: Tick): void => {
    const inPosition = azimuth.settled(TOLERANCE)
    const still = main.settled(TOLERANCE) && dropout.settled(TOLERANCE)
    const moving = azimuth.velocity() > 0 ? 'MovingCW' : 'MovingCCW'
    const state = context.valueOf('AzimuthState', azimuth.velocity() === 0 ? 'NotInMotion' : moving)
    context.event('azimuthState').put({ state, homing, homed: true, homeSwitch: false }, at)
    context.event('azimuthInPosition').put({ inPosition }, at)
    context.event('mainDoorState').put({ state: doorState(main) }, at)
    context.event('dropoutDoorState').put({ state: doorState(dropout) }, at)
    context.event('shutterInPosition').put({ inPosition: still }, at)
    context.event('allAxesInPosition').put({ inPosition: inPosition && still }, at)
  }
  return {
    pointTo(degrees) {
      if (context.state() === SUMMARY.ENABLED) azimuth.moveTo(degrees)
    },
    advance(at) {
      if (at.tick === lastTick) return
      lastTick = at.tick
      for (const axis of [azimuth, main, dropout]) axis.advance(at.seconds)
      if (context.state() === SUMMARY.ENABLED) events(at)
    },
    entered(next) {
      if (next !== SUMMARY.ENABLED) azimuth.stop()
    },
    telemetry: {
      position: values => {
        values['azimuthPosition'] = turned(azimuth.position())
        values['azimuthEncoderPosition'] = Math.round((turned(azimuth.position()) / 360) * COUNTS_PER_TURN)
        values['mainDoorOpeningPercentage'] = main.position()
        values['dropoutDoorOpeningPercentage'] = dropout.position()
      }
    },
    events: {
      moveCode: { code: 0 },
      emergencyStop: { active: false },
      scbLink: { active: true },
      settingsAppliedDomeController: {
        tolerance: TOLERANCE,
        homeAzimuth: 10,
        encoderCountsPer360: COUNTS_PER_TURN
      }
    },
    notAtStart: ['azimuthCommandedState', 'lastAzimuthGoTo'],
    commands: {
      moveAzimuth: ({ params, at }) => go(numberOf(params, 'azimuth', [0, 360]), at),
      homeAzimuth: ({ at }) => {
        homing = true
        const work = go(10, at)
        return {
          ...work,
          done(now) {
            homing = !work.done(now)
            return !homing
          }
        }
      },
      stopMotion: ({ abort, at }) => {
        for (const group of ['azimuth', 'main', 'dropout']) abort(group, 'stopMotion')
        homing = false
        commanded('Stop', azimuth.position(), at)
        for (const axis of [azimuth, main, dropout]) axis.stop()
        return { seconds: 2, done: () => azimuth.mode() !== 'stopping' }
      },
      openShutter: shutter(true),
      closeShutter: shutter(false),
      moveShutterMainDoor: ({ params }) => door(main, truthOf(params, 'open')),
      moveShutterDropoutDoor: ({ params }) => door(dropout, truthOf(params, 'open'))
    }
  }
}
