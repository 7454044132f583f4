import type { AxisLimits } from '../axis.ts'
import type { ModelContext } from '../model.ts'
import type { Values } from '../topic-publisher.ts'
import type { MountAxes } from './mt-mount-axes.ts'

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
