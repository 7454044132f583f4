import { SUMMIT_LONGITUDE_DEG, siderealHoursOf, utcMsOf } from '@meridian/time'

/** Latitude of Rubin's summit, degrees. */
export const SUMMIT_LATITUDE_DEG = -30.2446

const RADIAN = Math.PI / 180
const SIN_LATITUDE = Math.sin(SUMMIT_LATITUDE_DEG * RADIAN)
const COS_LATITUDE = Math.cos(SUMMIT_LATITUDE_DEG * RADIAN)

/** A direction on the sky, degrees. */
export interface Equatorial {
  readonly ra: number
  readonly dec: number
}

/** A direction above the horizon, degrees; azimuth from north through east, 0 to 360. */
export interface Horizontal {
  readonly azimuth: number
  readonly elevation: number
}

/** Local sidereal time at the summit, degrees, at a TAI instant in seconds. */
export const siderealDegreesOf = (tai: number): number =>
  15 * siderealHoursOf(utcMsOf(tai), SUMMIT_LONGITUDE_DEG)

/** Where a direction stands at an instant; refraction is left out. */
export function horizontalOf({ ra, dec }: Equatorial, tai: number): Horizontal {
  const hour = (siderealDegreesOf(tai) - ra) * RADIAN
  const sinDec = Math.sin(dec * RADIAN)
  const cosDec = Math.cos(dec * RADIAN)
  const elevation = Math.asin(sinDec * SIN_LATITUDE + cosDec * COS_LATITUDE * Math.cos(hour))
  const azimuth = Math.atan2(
    -cosDec * Math.sin(hour),
    sinDec * COS_LATITUDE - cosDec * SIN_LATITUDE * Math.cos(hour)
  )
  return { azimuth: turned(azimuth / RADIAN), elevation: elevation / RADIAN }
}

/** What direction stands there at an instant. */
export function equatorialOf({ azimuth, elevation }: Horizontal, tai: number): Equatorial {
  const az = azimuth * RADIAN
  const el = elevation * RADIAN
  const sinDec = Math.sin(el) * SIN_LATITUDE + Math.cos(el) * COS_LATITUDE * Math.cos(az)
  const hour = Math.atan2(
    -Math.cos(el) * Math.sin(az),
    Math.sin(el) * COS_LATITUDE - Math.cos(el) * SIN_LATITUDE * Math.cos(az)
  )
  return { ra: turned(siderealDegreesOf(tai) - hour / RADIAN), dec: Math.asin(sinDec) / RADIAN }
}

/** Parallactic angle of a direction, degrees. */
export function parallacticOf({ ra, dec }: Equatorial, tai: number): number {
  const hour = (siderealDegreesOf(tai) - ra) * RADIAN
  return (
    Math.atan2(
      Math.sin(hour) * COS_LATITUDE,
      SIN_LATITUDE * Math.cos(dec * RADIAN) - COS_LATITUDE * Math.sin(dec * RADIAN) * Math.cos(hour)
    ) / RADIAN
  )
}

/** An angle from 0 up to 360. */
export const turned = (degrees: number): number => ((degrees % 360) + 360) % 360

/** Thickness of the air towards an elevation, in units of the zenith's. */
export const airmassOf = (elevation: number): number => 1 / Math.sin(Math.max(5, elevation) * RADIAN)

/** Modified Julian date (UTC) of a TAI instant. */
export const mjdOf = (tai: number): number => utcMsOf(tai) / 86_400_000 + 40_587
