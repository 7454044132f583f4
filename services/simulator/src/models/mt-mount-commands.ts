import { nearestTurn, type Setpoint } from '../axis.ts'
import type { Call, CommandTable, Params, Work } from '../model.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { Tick } from '../tick.ts'
import { coverCommands } from './mirror-covers.ts'
import { AZIMUTH, ELEVATION, type Mount, TOLERANCE } from './mt-mount-axes.ts'

const MOTION = 'motion'
const HOMING_SECONDS = 6

/** Setpoints of both axes as functions of simulated seconds. */
export interface MountTarget {
  readonly azimuth: (seconds: number) => Setpoint
  readonly elevation: (seconds: number) => Setpoint
  readonly id: number
}

/** Commands of the mount and its mirror covers. */
export const mountCommands: CommandTable<Mount> = {
  ...coverCommands,
  lockMotion: (mount, { at }) => setLocked(mount, true, at),
  unlockMotion: (mount, { at }) => setLocked(mount, false, at),
  enableCameraCableWrapFollowing: (mount, { at }) => setWrapFollows(mount, true, at),
  disableCameraCableWrapFollowing: (mount, { at }) => setWrapFollows(mount, false, at),
  moveToTarget: (mount, { params }) => {
    const azimuth = numberOf(params, 'azimuth', [AZIMUTH.min, AZIMUTH.max])
    return moveTo(mount, azimuth, numberOf(params, 'elevation', [ELEVATION.min, ELEVATION.max]))
  },
  park: (mount, { params }) =>
    moveTo(mount, 0, numberOf(params, 'position') === 2 ? ELEVATION.min : ELEVATION.max),
  unpark: () => undefined,
  homeBothAxes: home,
  startTracking: mount => {
    requireUnlocked(mount)
    mount.tracking = true
  },
  trackTarget: (mount, { params, at }) => {
    if (!mount.tracking) throw refuse('tracking is not enabled')
    follow(mount, targetFrom(params, at))
  },
  stopTracking: (mount, call) => stop(mount, 'stopTracking', call),
  stop: (mount, call) => stop(mount, 'stop', call)
}

/** True while both main axes are where they shall be. */
export const isSettled = ({ azimuth, elevation }: Mount): boolean =>
  azimuth.settled(TOLERANCE) && elevation.settled(TOLERANCE)

/** Makes both axes follow a target; the azimuth takes the turn that is nearest. */
export function follow(mount: Mount, target: MountTarget): void {
  mount.tracking = true
  mount.trackId = target.id
  mount.azimuth.follow(seconds => {
    const aim = target.azimuth(seconds)
    return { position: nearestTurn(aim.position, mount.shared.mount.azimuth), velocity: aim.velocity }
  })
  mount.elevation.follow(target.elevation)
}

/** Ends tracking and brakes both axes. */
export function haltAxes(mount: Mount): void {
  mount.tracking = false
  mount.azimuth.stop()
  mount.elevation.stop()
}

function requireUnlocked({ locked }: Mount): void {
  if (locked) throw refuse('motion is locked')
}

function moveTo(mount: Mount, azimuth: number, elevation: number): Work {
  requireUnlocked(mount)
  mount.tracking = false
  const seconds = Math.max(mount.azimuth.secondsTo(azimuth), mount.elevation.secondsTo(elevation))
  mount.azimuth.moveTo(azimuth)
  mount.elevation.moveTo(elevation)
  return { seconds, group: MOTION, done: () => isSettled(mount) }
}

function stop(mount: Mount, why: string, { abort }: Call): Work {
  abort(MOTION, why)
  haltAxes(mount)
  const { azimuth, elevation } = mount
  return { seconds: 2, done: () => azimuth.mode() === 'held' && elevation.mode() === 'held' }
}

function home(mount: Mount, { at, abort }: Call): Work {
  requireUnlocked(mount)
  abort(MOTION, 'superseded by homeBothAxes')
  publishHomed(mount, false, at)
  return {
    seconds: HOMING_SECONDS,
    group: MOTION,
    done(now) {
      if (now.tai < at.tai + HOMING_SECONDS) return false
      publishHomed(mount, true, now)
      return true
    }
  }
}

function publishHomed({ context }: Mount, homed: boolean, at: Tick): void {
  for (const axis of ['azimuth', 'elevation']) context.event(`${axis}Homed`).put({ homed }, at)
}

function setLocked(mount: Mount, locked: boolean, at: Tick): undefined {
  const { context } = mount
  mount.locked = locked
  const lockState = context.valueOf('MotionLockState', locked ? 'LOCKED' : 'UNLOCKED')
  context.event('motionLockState').put({ lockState, identity: context.csc }, at)
}

function setWrapFollows(mount: Mount, follows: boolean, at: Tick): undefined {
  mount.wrapFollows = follows
  mount.context.event('cameraCableWrapFollowing').put({ enabled: follows ? 1 : 0 }, at)
}

/** Target of an operator's trackTarget command: a position at `taiTime` that moves on at a velocity. */
function targetFrom(params: Params, at: Tick): MountTarget {
  const since = numberOf(params, 'taiTime') || at.tai
  const moving = (position: number, velocity: number) => (seconds: number) => ({
    position: position + velocity * (at.tai + seconds - at.seconds - since),
    velocity
  })
  textOf(params, 'tracksys')
  return {
    id: numberOf(params, 'trackId'),
    azimuth: moving(numberOf(params, 'azimuth'), numberOf(params, 'azimuthVelocity', [-1, 1])),
    elevation: moving(
      numberOf(params, 'elevation', [ELEVATION.min, ELEVATION.max]),
      numberOf(params, 'elevationVelocity', [-1, 1])
    )
  }
}
