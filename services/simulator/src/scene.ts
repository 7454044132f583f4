import type { Equatorial } from './sky.ts'

/** What the components know of each other, as if by cable: each model writes its own part and reads the others'. */
export interface Scene {
  /** TAI seconds at second 0 of the simulation: turns one into the other. */
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
  /** Air at the summit: degrees Celsius, percent, pascal, metres per second, degrees. */
  air: { temperature: number; humidity: number; pressure: number; windSpeed: number; windDirection: number }
}

/** One pointing of the survey. */
export interface Target extends Equatorial {
  readonly id: number
  readonly name: string
  readonly rotator: number
  readonly filter: string
}

/** The observatory before anything moved. */
export const createScene = (): Scene => ({
  epoch: 0,
  now: 0,
  mount: { azimuth: 0, elevation: 80, azimuthVelocity: 0, elevationVelocity: 0, tracking: false },
  rotator: { position: 0, velocity: 0 },
  dome: { azimuth: 0, open: true },
  target: undefined,
  filter: 'r_57',
  air: { temperature: 10, humidity: 25, pressure: 74_300, windSpeed: 4, windDirection: 40 }
})
