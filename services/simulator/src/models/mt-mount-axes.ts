import { type Axis, type AxisLimits, createAxis } from '../axis.ts'

/**
 * Limits of the azimuth axis, degrees and seconds. The azimuth cable wrap allows its range of 540 degrees.
 */
export const AZIMUTH: AxisLimits = { min: -270, max: 270, velocity: 6.5, acceleration: 3.5, jerk: 14 }
/** Limits of the elevation axis, degrees and seconds. */
export const ELEVATION: AxisLimits = { min: 15, max: 86.5, velocity: 3.5, acceleration: 2, jerk: 8 }
const CABLE_WRAP: AxisLimits = { min: -90, max: 90, velocity: 3.5, acceleration: 1, jerk: 4 }

/** Largest error that counts as in position, in degrees and in degrees per second. */
export const TOLERANCE = 0.0008

/** The three axes of the mount: azimuth, elevation, camera cable wrap. */
export interface MountAxes {
  readonly azimuth: Axis
  readonly elevation: Axis
  readonly cableWrap: Axis
}

/** Creates the axes at rest, the main ones where `at` says, in degrees. */
export const createMountAxes = (at: { readonly azimuth: number; readonly elevation: number }): MountAxes => ({
  azimuth: createAxis(AZIMUTH, at.azimuth),
  elevation: createAxis(ELEVATION, at.elevation),
  cableWrap: createAxis(CABLE_WRAP, 0)
})
