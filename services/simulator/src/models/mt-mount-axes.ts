import { type Axis, type AxisLimits, createAxis } from '../axis.ts'
import type { ModelContext } from '../model.ts'
import { createWave, type Wave } from '../random.ts'
import type { SharedState } from '../shared-state.ts'
import { createLeaves } from './mirror-covers.ts'

/**
 * Limits of the azimuth axis, degrees and seconds. The azimuth cable wrap allows its range of 540 degrees.
 */
export const AZIMUTH: AxisLimits = { min: -270, max: 270, velocity: 6.5, acceleration: 3.5, jerk: 14 }
/** Limits of the elevation axis, degrees and seconds. */
export const ELEVATION: AxisLimits = { min: 15, max: 86.5, velocity: 3.5, acceleration: 2, jerk: 8 }
const CABLE_WRAP: AxisLimits = { min: -90, max: 90, velocity: 3.5, acceleration: 1, jerk: 4 }

/** Largest error that counts as in position, in degrees and in degrees per second. */
export const TOLERANCE = 0.0008

/** Number of drives of the two main axes. */
export const DRIVES = { azimuth: 16, elevation: 12 } as const

/** Noise of a main axis: of its encoder, and of the current of each drive. */
interface AxisNoise {
  readonly encoder: Wave
  readonly drives: readonly Wave[]
}

/** Parts and state of the mount. */
export interface Mount {
  readonly context: ModelContext
  readonly shared: SharedState
  readonly azimuth: Axis
  readonly elevation: Axis
  readonly cableWrap: Axis
  /** The four leaves of the mirror cover. */
  readonly leaves: readonly Axis[]
  readonly noise: { readonly azimuth: AxisNoise; readonly elevation: AxisNoise }
  tracking: boolean
  /** Identity of the target that it tracks, or tracked last. */
  trackId: number
  locked: boolean
  /** True while the cable wrap follows the rotator. */
  wrapFollows: boolean
  /** Tick of the last message of `target`. */
  targetTick: number
}

/** Creates the parts at rest, the main axes where the shared state has them, with open mirror covers. */
export const createMount = (context: ModelContext, shared: SharedState): Mount => ({
  context,
  shared,
  azimuth: createAxis(AZIMUTH, shared.mount.azimuth),
  elevation: createAxis(ELEVATION, shared.mount.elevation),
  cableWrap: createAxis(CABLE_WRAP, 0),
  leaves: createLeaves(),
  noise: { azimuth: noiseOf('azimuth'), elevation: noiseOf('elevation') },
  tracking: false,
  trackId: 0,
  locked: false,
  wrapFollows: true,
  targetTick: Number.NEGATIVE_INFINITY
})

const noiseOf = (name: 'azimuth' | 'elevation'): AxisNoise => ({
  encoder: createWave(`${name}/jitter`, 1, 40),
  drives: Array.from({ length: DRIVES[name] }, (_, i) => createWave(`${name}/drive${i}`, 2, 120))
})
