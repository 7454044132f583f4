import { nearestTurn, type Setpoint } from '../axis.ts'
import type { Call, Handler, Model, ModelContext, Work } from '../model.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { SharedState } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { createMirrorCovers } from './mirror-covers.ts'
import { AZIMUTH, createMountAxes, ELEVATION, TOLERANCE } from './mt-mount-axes.ts'
import { createMotionEvents, mountStartEvents } from './mt-mount-events.ts'
import { mountTelemetry } from './mt-mount-telemetry.ts'

const MOTION = 'motion'

/** Setpoints of both axes as functions of simulated seconds. */
interface MountTarget {
  readonly azimuth: (seconds: number) => Setpoint
  readonly elevation: (seconds: number) => Setpoint
  readonly id: number
}

/** The telescope mount: two axes, camera cable wrap, mirror covers. */
export interface MtMount extends Model {
  /** Called by the drive: follows a target. False while the mount is not ENABLED, or locked. */
  track(target: MountTarget): boolean
  inPosition(): boolean
}

/** Creates the mount, at rest and with open mirror covers. */
export function createMtMount(context: ModelContext, shared: SharedState): MtMount {
  const axes = createMountAxes(shared.mount)
  const publishMotion = createMotionEvents(context, axes)
  const covers = createMirrorCovers(context)
  let tracking = false
  let trackId = 0
  let locked = false
  let lastTick = -1
  let wrapFollows = true

  const settled = (): boolean => axes.azimuth.settled(TOLERANCE) && axes.elevation.settled(TOLERANCE)
  const resting = (): boolean => axes.azimuth.mode() === 'held' && axes.elevation.mode() === 'held'
  const free = (): void => {
    if (locked) throw refuse('motion is locked')
  }
  const moveTo = (azimuth: number, elevation: number): Work => {
    free()
    tracking = false
    const seconds = Math.max(axes.azimuth.secondsTo(azimuth), axes.elevation.secondsTo(elevation))
    axes.azimuth.moveTo(azimuth)
    axes.elevation.moveTo(elevation)
    return { seconds, group: MOTION, done: settled }
  }
  const halt = ({ abort }: Call, why: string): Work => {
    abort(MOTION, why)
    tracking = false
    axes.azimuth.stop()
    axes.elevation.stop()
    return { seconds: 2, done: resting }
  }
  const follow = (target: MountTarget): void => {
    tracking = true
    trackId = target.id
    axes.azimuth.follow(seconds => {
      const aim = target.azimuth(seconds)
      return { position: nearestTurn(aim.position, shared.mount.azimuth), velocity: aim.velocity }
    })
    axes.elevation.follow(target.elevation)
  }
  return {
    track(target) {
      if (context.state() !== SUMMARY.ENABLED || locked) return false
      follow(target)
      return true
    },
    inPosition: settled,
    advance(at) {
      if (at.tick === lastTick) return
      lastTick = at.tick
      axes.azimuth.advance(at.seconds)
      axes.elevation.advance(at.seconds)
      if (wrapFollows) axes.cableWrap.moveTo(shared.rotator.position)
      axes.cableWrap.advance(at.seconds)
      covers.advance(at)
      shared.mount = {
        azimuth: axes.azimuth.position(),
        elevation: axes.elevation.position(),
        azimuthVelocity: axes.azimuth.velocity(),
        elevationVelocity: axes.elevation.velocity(),
        tracking
      }
      if (context.state() === SUMMARY.ENABLED) publishMotion(at, tracking ? trackId : undefined)
    },
    entered(next) {
      if (next === SUMMARY.ENABLED) return
      tracking = false
      axes.azimuth.stop()
      axes.elevation.stop()
    },
    notAtStart: ['target', 'cameraCableWrapTarget', 'clockOffset'],
    events: mountStartEvents(context, axes),
    telemetry: { ...mountTelemetry(axes, shared), ...covers.telemetry },
    commands: {
      ...covers.commands,
      ...unmoving(context, { setLocked: value => (locked = value), setWrap: value => (wrapFollows = value) }),
      moveToTarget: ({ params }) =>
        moveTo(
          numberOf(params, 'azimuth', [AZIMUTH.min, AZIMUTH.max]),
          numberOf(params, 'elevation', [ELEVATION.min, ELEVATION.max])
        ),
      park: ({ params }) => moveTo(0, numberOf(params, 'position') === 2 ? ELEVATION.min : ELEVATION.max),
      unpark: () => undefined,
      homeBothAxes: ({ at, abort }) => {
        free()
        abort(MOTION, 'superseded by homeBothAxes')
        return homing(context, at)
      },
      startTracking: () => {
        free()
        tracking = true
      },
      trackTarget: ({ params, at }) => {
        if (!tracking) throw refuse('tracking is not enabled')
        follow(targetFrom(params, at))
      },
      stopTracking: call => halt(call, 'stopTracking'),
      stop: call => halt(call, 'stop')
    }
  }
}

/**
 * Target of an operator's trackTarget command: a position at `taiTime` that moves on at the given velocity.
 */
function targetFrom(params: Readonly<Record<string, unknown>>, at: Tick): MountTarget {
  const since = numberOf(params, 'taiTime') || at.tai
  const publisher = (position: number, velocity: number) => (seconds: number) => ({
    position: position + velocity * (at.tai + seconds - at.seconds - since),
    velocity
  })
  textOf(params, 'tracksys')
  return {
    id: numberOf(params, 'trackId'),
    azimuth: publisher(numberOf(params, 'azimuth'), numberOf(params, 'azimuthVelocity', [-1, 1])),
    elevation: publisher(
      numberOf(params, 'elevation', [ELEVATION.min, ELEVATION.max]),
      numberOf(params, 'elevationVelocity', [-1, 1])
    )
  }
}

const HOMING_SECONDS = 6

function homing(context: ModelContext, at: Tick): Work {
  const put = (homed: boolean, now: Tick): void => {
    for (const axis of ['azimuth', 'elevation']) context.event(`${axis}Homed`).put({ homed }, now)
  }
  put(false, at)
  return {
    seconds: HOMING_SECONDS,
    group: MOTION,
    done(now) {
      if (now.tai < at.tai + HOMING_SECONDS) return false
      put(true, now)
      return true
    }
  }
}

interface Switches {
  setLocked(value: boolean): void
  setWrap(value: boolean): void
}

/** Handlers of the lock and cable wrap commands, which move no axis. */
function unmoving(
  context: ModelContext,
  { setLocked, setWrap }: Switches
): Readonly<Record<string, Handler>> {
  const lock =
    (value: boolean): Handler =>
    ({ at }) => {
      setLocked(value)
      const lockState = context.valueOf('MotionLockState', value ? 'LOCKED' : 'UNLOCKED')
      context.event('motionLockState').put({ lockState, identity: context.csc }, at)
    }
  const wrap =
    (value: boolean): Handler =>
    ({ at }) => {
      setWrap(value)
      context.event('cameraCableWrapFollowing').put({ enabled: value ? 1 : 0 }, at)
    }
  return {
    lockMotion: lock(true),
    unlockMotion: lock(false),
    enableCameraCableWrapFollowing: wrap(true),
    disableCameraCableWrapFollowing: wrap(false)
  }
}
