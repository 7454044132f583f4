import type { AxisLimits } from '../axis.ts'
import type { Values } from '../line.ts'
import type { Stage } from '../model.ts'
import type { MountAxes } from './mt-mount.ts'

/** What the mount's events say at start: powered, homed, unlocked. */
export function mountStartEvents(stage: Stage, axes: MountAxes): Readonly<Record<string, Values>> {
  const on = stage.valueOf('PowerState', 'On')
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
    azimuthMotionState: { state: stage.valueOf('AxisMotionState', 'Stopped') },
    elevationMotionState: { state: stage.valueOf('AxisMotionState', 'Stopped') },
    cameraCableWrapMotionState: { state: stage.valueOf('AxisMotionState', 'Tracking') },
    cameraCableWrapFollowing: { enabled: 1 },
    azimuthHomed: { homed: true },
    elevationHomed: { homed: true },
    azimuthToppleBlock: { reverse: false, forward: axes.azimuth.position() > 0 },
    azimuthLimits: { limits: 0 },
    elevationLimits: { limits: 0 },
    cameraCableWrapLimits: { limits: 0 },
    commander: { commander: stage.valueOf('Commander', 'CSC') },
    elevationLockingPinMotionState: {
      state: stage.valueOf('ElevationLockingPinMotionState', 'Unlocked'),
      elementsState: new Array(2).fill(stage.valueOf('ElevationLockingPinMotionState', 'Unlocked'))
    },
    motionLockState: { lockState: stage.valueOf('MotionLockState', 'UNLOCKED'), identity: '' },
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
