import type { AxisLimits, AxisMode } from '../axis.ts'
import type { Values } from '../outlet.ts'
import type { Tick } from '../tick.ts'
import { type Mount, TOLERANCE } from './mt-mount-axes.ts'

const SYSTEMS = [
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

/** Fields of the mount's events at start: powered, homed, unlocked. */
export function mountStartEvents(mount: Mount): Readonly<Record<string, Values>> {
  const { context, azimuth, elevation, cableWrap } = mount
  const on = context.valueOf('PowerState', 'On')
  return {
    ...Object.fromEntries(SYSTEMS.map(system => [`${system}SystemState`, { powerState: on }])),
    azimuthControllerSettings: settingsOf(azimuth.limits),
    elevationControllerSettings: settingsOf(elevation.limits),
    cameraCableWrapControllerSettings: settingsOf(cableWrap.limits),
    azimuthMotionState: { state: context.valueOf('AxisMotionState', 'Stopped') },
    elevationMotionState: { state: context.valueOf('AxisMotionState', 'Stopped') },
    cameraCableWrapMotionState: { state: context.valueOf('AxisMotionState', 'Tracking') },
    cameraCableWrapFollowing: { enabled: 1 },
    azimuthHomed: { homed: true },
    elevationHomed: { homed: true },
    azimuthToppleBlock: { reverse: false, forward: azimuth.position() > 0 },
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

/** Publishes the events about motion; call it at each tick. */
export function publishMotion(mount: Mount, at: Tick): void {
  const { context, azimuth, elevation, cableWrap } = mount
  const put = (topic: string, values: Values): void => void context.event(topic).put(values, at)
  const stateOf = (mode: AxisMode): number => context.valueOf('AxisMotionState', MOTION_STATE[mode])
  put('azimuthMotionState', { state: stateOf(azimuth.mode()) })
  put('elevationMotionState', { state: stateOf(elevation.mode()) })
  put('azimuthInPosition', { inPosition: azimuth.settled(TOLERANCE) })
  put('elevationInPosition', { inPosition: elevation.settled(TOLERANCE) })
  put('cameraCableWrapInPosition', { inPosition: cableWrap.settled(0.01) })
  if (mount.tracking && at.tick - mount.targetTick >= TARGET_TICKS) publishTarget(mount, at)
}

function publishTarget(mount: Mount, at: Tick): void {
  const { context, azimuth, elevation, trackId } = mount
  mount.targetTick = at.tick
  const az = azimuth.demand()
  const el = elevation.demand()
  context.event('target').force(
    {
      azimuth: az.position,
      azimuthVelocity: az.velocity,
      elevation: el.position,
      elevationVelocity: el.velocity,
      taiTime: at.tai,
      trackId,
      tracksys: 'LOCAL',
      radesys: 'ICRS'
    },
    at
  )
}
