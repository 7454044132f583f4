import { utcMsOf } from '@meridian/time'
import type { TelemetryTable } from '../model.ts'
import type { SharedState, Target } from '../shared-state.ts'
import { airmassOf, mjdOf } from '../sky.ts'
import type { Tick } from '../tick.ts'

const HOUR_MS = 3_600_000

/** Telemetry of the pointing component: where the telescope shall look, where it looks, and what time it is. */
export const pointingTelemetry: TelemetryTable<{ readonly shared: SharedState }> = {
  currentTargetStatus: ({ shared }, values, at) => {
    const target = demandOf(shared, at)
    const now = shared.sky.horizontalOf(target, at.tai)
    const next = shared.sky.horizontalOf(target, at.tai + 1)
    values['demandAz'] = now.azimuth
    values['demandEl'] = now.elevation
    values['demandRot'] = shared.rotator.position
    values['demandAzVelocity'] = shortWay(next.azimuth - now.azimuth)
    values['demandElVelocity'] = next.elevation - now.elevation
    values['demandRotVelocity'] = shared.rotator.velocity
    values['ha'] = shortWay(shared.sky.siderealDegreesOf(at.tai) - target.ra) / 15
    values['parAngle'] = shared.sky.parallacticOf(target, at.tai)
    values['airmass'] = airmassOf(now.elevation)
    values['demandRa'] = target.ra / 15
    values['demandDec'] = target.dec
  },
  mountStatus: ({ shared }, values, at) => {
    const { ra, dec } = shared.sky.equatorialOf(shared.mount, at.tai)
    values['mountRA'] = ra / 15
    values['mountDec'] = dec
    values['mountAz'] = shared.mount.azimuth
    values['mountEl'] = shared.mount.elevation
    values['mountRot'] = shared.rotator.position
  },
  mountPosition: ({ shared }, values, at) => {
    const { ra, dec } = shared.sky.equatorialOf(shared.mount, at.tai)
    values['azimuthActualPosition'] = shared.mount.azimuth
    values['elevationActualPosition'] = shared.mount.elevation
    values['rotatorActualPosition'] = shared.rotator.position
    values['ra'] = ra / 15
    values['declination'] = dec
    values['skyAngle'] = shortWay(shared.sky.parallacticOf({ ra, dec }, at.tai) - shared.rotator.position)
  },
  timeAndDate: ({ shared }, values, at) => {
    const utcMs = utcMsOf(at.tai)
    const { utcOffsetHours = 0 } = shared.location
    const localMs = utcMs + utcOffsetHours * HOUR_MS
    values['utc'] = (utcMs / HOUR_MS) % 24
    values['lst'] = shared.sky.siderealDegreesOf(at.tai) / 15
    values['mjd'] = mjdOf(at.tai)
    values['localTime'] = (((utcMs / HOUR_MS + utcOffsetHours) % 24) + 24) % 24
    values['localTimeString'] = new Date(localMs).toISOString().slice(11, 19)
    values['leapSecs'] = Math.round(at.tai - utcMs / 1000)
    values['timezone'] = utcOffsetHours
  }
}

/** The target, or the direction in which the mount stands where there is none. */
const demandOf = (shared: SharedState, at: Tick): Target =>
  shared.target ?? {
    id: 0,
    name: '',
    rotator: 0,
    filter: '',
    ...shared.sky.equatorialOf(shared.mount, at.tai)
  }

const shortWay = (degrees: number): number => degrees - 360 * Math.round(degrees / 360)
