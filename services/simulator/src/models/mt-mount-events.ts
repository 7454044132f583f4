import type { AxisLimits, AxisMode } from '../axis.ts'
import type { ModelContext } from '../model.ts'
import type { Tick } from '../tick.ts'
import type { Values } from '../topic-publisher.ts'
import { type MountAxes, TOLERANCE } from './mt-mount-axes.ts'

/** Fields of the mount's events at start: powered, homed, unlocked. */
export function mountStartEvents(context: ModelContext, axes: MountAxes): Readonly<Record<string, Values>> {
  const on = context.valueOf('PowerState', 'On')
  const systems = [
    'azimuth',
    'elevation',
    'cameraCableWrap',
    'balance',
    'mirrorCovers',
    'mirrorCoverLocks',
    'azimuthCableWrap',
    'lockingPins',
    'deployablePlatforms',
    'oilSupply',
    'azimuthDrivesThermal',
    'elevationDrivesThermal',
    'cabinet0101Thermal',
    'auxiliaryCabinetsThermal',
    'mainCabinetThermal',
    'mainAxesPowerSupply',
    'topEndChiller'
  ]
  return {
    ...Object.fromEntries(systems.map(system => [`${system}SystemState`, { powerState: on }])),
    azimuthControllerSettings: settingsOf(axes.azimuth.limits),
    elevationControllerSettings: settingsOf(axes.elevation.limits),
    cameraCableWrapControllerSettings: settingsOf(axes.cableWrap.limits),
    azimuthMotionState: { state: context.valueOf('AxisMotionState', 'Stopped') },
    elevationMotionState: { state: context.valueOf('AxisMotionState', 'Stopped') },
    cameraCableWrapMotionState: { state: context.valueOf('AxisMotionState', 'Tracking') },
    cameraCableWrapFollowing: { enabled: 1 },
    azimuthHomed: { homed: true },
    elevationHomed: { homed: true },
    azimuthToppleBlock: { reverse: false, forward: axes.azimuth.position() > 0 },
    azimuthLimits: { limits: 0 },
    elevationLimits: { limits: 0 },
    cameraCableWrapLimits: { limits: 0 },
    commander: { commander: context.valueOf('Commander', 'CSC') },
    elevationLockingPinMotionState: {
      state: context.valueOf('ElevationLockingPinMotionState', 'Unlocked'),
      elementsState: new Array(2).fill(context.valueOf('ElevationLockingPinMotionState', 'Unlocked'))
    },
    motionLockState: { lockState: context.valueOf('MotionLockState', 'UNLOCKED'), identity: '' },
    safetyInterlocks: { causes: 0, effects: 0 }
  }
}

const settingsOf = (limits: AxisLimits): Values => ({
  minCmdPosition: limits.min,
  maxCmdPosition: limits.max,
  minL1Limit: limits.min - 1,
  maxL1Limit: limits.max + 1,
  maxCmdVelocity: limits.velocity,
  maxMoveVelocity: limits.velocity,
  maxMoveAcceleration: limits.acceleration,
  maxMoveJerk: limits.jerk,
  maxTrackingVelocity: limits.velocity,
  maxTrackingAcceleration: limits.acceleration,
  maxTrackingJerk: limits.jerk
})

/** Ticks between two messages of `target` while the mount tracks. */
const TARGET_TICKS = 5

const MOTION_STATE: Readonly<Record<AxisMode, string>> = {
  held: 'Stopped',
  pointing: 'MovingPointToPoint',
  following: 'Tracking',
  crawling: 'Jogging',
  stopping: 'Stopping'
}

const targetOf = ({ azimuth, elevation }: MountAxes): Values => {
  const az = azimuth.demand()
  const el = elevation.demand()
  return {
    azimuth: az.position,
    azimuthVelocity: az.velocity,
    elevation: el.position,
    elevationVelocity: el.velocity
  }
}

/**
 * Creates the publisher of the events about motion. Call it at each tick; `trackId` is that of the target,
 * undefined while the mount does not track.
 */
export function createMotionEvents(
  context: ModelContext,
  axes: MountAxes
): (at: Tick, trackId: number | undefined) => void {
  let lastTarget = -TARGET_TICKS
  const stateOf = (name: string): number => context.valueOf('AxisMotionState', name)
  return (at, trackId) => {
    const put = (topic: string, values: Values): void => void context.event(topic).put(values, at)
    put('azimuthMotionState', { state: stateOf(MOTION_STATE[axes.azimuth.mode()]) })
    put('elevationMotionState', { state: stateOf(MOTION_STATE[axes.elevation.mode()]) })
    put('azimuthInPosition', { inPosition: axes.azimuth.settled(TOLERANCE) })
    put('elevationInPosition', { inPosition: axes.elevation.settled(TOLERANCE) })
    put('cameraCableWrapInPosition', { inPosition: axes.cableWrap.settled(0.01) })
    if (trackId === undefined || at.tick - lastTarget < TARGET_TICKS) return
    lastTarget = at.tick
    context
      .event('target')
      .force({ ...targetOf(axes), taiTime: at.tai, trackId, tracksys: 'LOCAL', radesys: 'ICRS' }, at)
  }
}
