import type { SiteLocation } from '@meridian/catalogue'
import { siderealHoursOf, utcMsOf } from '@meridian/time'

const RADIAN = Math.PI / 180

/** A direction on the sky, degrees. */
export interface Equatorial {
  readonly ra: number
  readonly dec: number
}

/** A direction above the horizon, degrees; azimuth from north through east, 0 to 360. */
interface Horizontal {
  readonly azimuth: number
  readonly elevation: number
}

/** The sky above one place. Instants are TAI seconds, angles are degrees. */
export interface Sky {
  /** Local sidereal time at the site. */
  siderealDegreesOf(tai: number): number
  /** Where a direction stands at an instant; refraction is left out. */
  horizontalOf(direction: Equatorial, tai: number): Horizontal
  /** The direction on the sky that stands there at an instant. */
  equatorialOf(direction: Horizontal, tai: number): Equatorial
  /** Parallactic angle of a direction. */
  parallacticOf(direction: Equatorial, tai: number): number
}

/** Creates the sky of a place. */
export function createSky({ longitudeDeg, latitudeDeg }: SiteLocation): Sky {
  const sinLatitude = Math.sin(latitudeDeg * RADIAN)
  const cosLatitude = Math.cos(latitudeDeg * RADIAN)
  const siderealDegreesOf = (tai: number): number => 15 * siderealHoursOf(utcMsOf(tai), longitudeDeg)
  return {
    siderealDegreesOf,
    horizontalOf({ ra, dec }, tai) {
      const hour = (siderealDegreesOf(tai) - ra) * RADIAN
      const sinDec = Math.sin(dec * RADIAN)
      const cosDec = Math.cos(dec * RADIAN)
      const elevation = Math.asin(sinDec * sinLatitude + cosDec * cosLatitude * Math.cos(hour))
      const azimuth = Math.atan2(
        -cosDec * Math.sin(hour),
        sinDec * cosLatitude - cosDec * sinLatitude * Math.cos(hour)
      )
      return { azimuth: turned(azimuth / RADIAN), elevation: elevation / RADIAN }
    },
    equatorialOf({ azimuth, elevation }, tai) {
      const az = azimuth * RADIAN
      const el = elevation * RADIAN
      const sinDec = Math.sin(el) * sinLatitude + Math.cos(el) * cosLatitude * Math.cos(az)
      const hour = Math.atan2(
        -Math.cos(el) * Math.sin(az),
        Math.sin(el) * cosLatitude - Math.cos(el) * sinLatitude * Math.cos(az)
      )
      return { ra: turned(siderealDegreesOf(tai) - hour / RADIAN), dec: Math.asin(sinDec) / RADIAN }
    },
    parallacticOf({ ra, dec }, tai) {
      const hour = (siderealDegreesOf(tai) - ra) * RADIAN
      return (
        Math.atan2(
          Math.sin(hour) * cosLatitude,
          sinLatitude * Math.cos(dec * RADIAN) - cosLatitude * Math.sin(dec * RADIAN) * Math.cos(hour)
        ) / RADIAN
      )
    }
  }
}

/** An angle from 0 up to 360. */
export const turned = (degrees: number): number => ((degrees % 360) + 360) % 360

/** Thickness of the air towards an elevation, in units of the zenith's. */
export const airmassOf = (elevation: number): number => 1 / Math.sin(Math.max(5, elevation) * RADIAN)

/** Modified Julian date (UTC) of a TAI instant. */
export const mjdOf = (tai: number): number => utcMsOf(tai) / 86_400_000 + 40_587
