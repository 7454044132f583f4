import type { SiteLocation } from '@meridian/catalogue'
import { createSky, type Equatorial, type Sky } from './sky.ts'

/** State that models share, as if by cable: each model writes its own part and reads the others'. */
export interface SharedState {
  /** Name of the observatory, for people. */
  readonly observatory: string
  readonly location: SiteLocation
  readonly sky: Sky
  /** TAI seconds at second 0 of the simulation. */
  epoch: number
  /** TAI seconds of the tick that runs. */
  now: number
  mount: {
    azimuth: number
    elevation: number
    azimuthVelocity: number
    elevationVelocity: number
    tracking: boolean
  }
  rotator: { position: number; velocity: number }
  dome: { azimuth: number; open: boolean }
  /** What the telescope observes, or undefined between targets. */
  target: Target | undefined
  filter: string
  /** Weather in degrees Celsius, percent, pascal, metres per second and degrees. */
  air: { temperature: number; humidity: number; pressure: number; windSpeed: number; windDirection: number }
}

/** A pointing of the survey: its place on the sky, the angle of the rotator and the filter. */
export interface Target extends Equatorial {
  readonly id: number
  readonly name: string
  readonly rotator: number
  readonly filter: string
}

/** Place of a site whose file has none. */
const NOWHERE: SiteLocation = { longitudeDeg: 0, latitudeDeg: 0, elevationM: 0 }

/** The shared state at the start of a simulation: telescope near zenith, dome open. */
export const createSharedState = (observatory: string, location = NOWHERE): SharedState => ({
  observatory,
  location,
  sky: createSky(location),
  epoch: 0,
  now: 0,
  mount: { azimuth: 0, elevation: 80, azimuthVelocity: 0, elevationVelocity: 0, tracking: false },
  rotator: { position: 0, velocity: 0 },
  dome: { azimuth: 0, open: true },
  target: undefined,
  filter: 'r_57',
  air: { temperature: 10, humidity: 25, pressure: 74_300, windSpeed: 4, windDirection: 40 }
})
