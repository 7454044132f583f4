import { type Axis, type AxisLimits, createAxis } from '../axis.ts'
import type { ModelContext } from '../model.ts'
import { createWave, type Wave } from '../random.ts'
import type { SharedState } from '../shared-state.ts'

/** Limits of the dome's azimuth, degrees and seconds; it can turn without end. */
export const DOME_AZIMUTH: AxisLimits = { min: 0, max: 360, velocity: 1.5, acceleration: 0.75, jerk: 3 }
/** Limits of the light and wind screen, degrees and seconds. */
export const SCREEN: AxisLimits = { min: 0, max: 90, velocity: 1, acceleration: 0.4, jerk: 2 }
const DOOR: AxisLimits = { min: 0, max: 100, velocity: 2, acceleration: 1, jerk: 4 }
const LOUVER: AxisLimits = { min: 0, max: 100, velocity: 4, acceleration: 2, jerk: 8 }

/** Largest error that counts as in position, degrees or percent. */
export const TOLERANCE = 0.02
/** Number of louvers of the dome. */
export const LOUVERS = 34

/** Parts and state of the dome: azimuth, light and wind screen, two shutter doors, 34 louvers. */
export interface Dome {
  readonly context: ModelContext
  readonly shared: SharedState
  readonly azimuth: Axis
  readonly screen: Axis
  readonly doors: readonly Axis[]
  readonly louvers: readonly Axis[]
  /** Noise of the encoder heads and drives. */
  readonly wobble: Wave
  /** True when the azimuth was last sent to its park position. */
  parked: boolean
}

/** Creates the parts at rest and open as at night, the dome where the shared state has it. */
export const createDome = (context: ModelContext, shared: SharedState): Dome => ({
  context,
  shared,
  azimuth: createAxis(DOME_AZIMUTH, shared.dome.azimuth, 360),
  screen: createAxis(SCREEN, 60),
  doors: [0, 1].map(() => createAxis(DOOR, 100)),
  louvers: Array.from({ length: LOUVERS }, (_, i) => createAxis(LOUVER, i % 3 === 0 ? 100 : 60)),
  wobble: createWave('dome/encoder', 3, 60),
  parked: false
})
