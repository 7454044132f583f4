import { utcMsOf } from '@meridian/time'
import type { Model, ModelContext, Params } from '../model.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { SharedState, Target } from '../shared-state.ts'
import { airmassOf, mjdOf } from '../sky.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

/** Moves mount and rotator for the pointing component. */
export interface Drive {
  /** Follows a target on the sky; false where the mount does not take it. */
  track(target: Target): boolean
  stop(): void
  inPosition(): boolean
}

/** The pointing component of the main telescope. */
export interface MtPtg extends Model {
  /** Called by the night program: a new target. False while the component is not ENABLED. */
  point(target: Target, at: Tick): boolean
}

/** Creates the pointing component, without a target. */
export function createMtPtg(context: ModelContext, shared: SharedState, drive: Drive): MtPtg {
  const announce = (target: Target, at: Tick): void => {
    const { azimuth, elevation } = shared.sky.horizontalOf(target, at.tai)
    context.event('currentTarget').put(
      {
        timestamp: at.tai,
        targetType: context.valueOf('TargetTypes', 'raDec'),
        targetName: target.name,
        ra: target.ra / 15,
        declination: target.dec,
        raHours: target.ra / 15,
        decDegs: target.dec,
        azDegs: azimuth,
        elDegs: elevation,
        frame: context.valueOf('CoordFrame', 'icrs'),
        rotAngle: target.rotator
      },
      at
    )
    context.event('detailedState').put({ detailedState: context.valueOf('DetailedStates', 'openLoop') }, at)
    context.event('trackPosting').put({ status: true }, at)
  }
  const point = (target: Target, at: Tick): boolean => {
    if (context.state() !== SUMMARY.ENABLED || !drive.track(target)) return false
    shared.target = target
    announce(target, at)
    return true
  }
  const begin = (target: Target, at: Tick): { seconds: number; group: string; done: () => boolean } => {
    const { elevation } = shared.sky.horizontalOf(target, at.tai)
    if (elevation < 15 || elevation > 86.5)
      throw refuse(`target stands at elevation ${elevation.toFixed(1)}, outside 15 to 86.5`)
    if (!point(target, at)) throw refuse('the mount does not follow: it is not ENABLED')
    return { seconds: 30, group: 'target', done: drive.inPosition }
  }
  const notAtStart = ['validatedTarget', 'pointData']
  return {
    point,
    notAtStart,
    telemetry: telemetryOf(shared),
    events: {
      focusNameSelected: { focus: context.valueOf('Foci', 'prime') },
      detailedState: { detailedState: context.valueOf('DetailedStates', 'notTracking') },
      observatoryLocation: {
        longitude: shared.location.longitudeDeg,
        latitude: shared.location.latitudeDeg,
        height: shared.location.elevationM,
        timeZone: shared.location.utcOffsetHours ?? 0
      },
      ...Object.fromEntries(
        [
          'sunProximity',
          'azWrap',
          'objectSet',
          'airmass',
          'mountData',
          'rotWrap',
          'moonProximity',
          'elLimit'
        ].map(name => [`${name}Warning`, { level: context.valueOf('WarningLevel', 'none') }])
      )
    },
    commands: {
      raDecTarget: ({ params, at }) => begin(targetFrom(params, shared), at),
      azElTarget: ({ params, at }) => {
        const direction = {
          azimuth: numberOf(params, 'azDegs'),
          elevation: numberOf(params, 'elDegs', [15, 86.5])
        }
        return begin({ ...targetFrom(params, shared), ...shared.sky.equatorialOf(direction, at.tai) }, at)
      },
      startTracking: () => undefined,
      stopTracking: ({ abort, at }) => {
        abort('target', 'stopTracking')
        drive.stop()
        shared.target = undefined
        context
          .event('detailedState')
          .put({ detailedState: context.valueOf('DetailedStates', 'notTracking') }, at)
        context.event('trackPosting').put({ status: false }, at)
      }
    }
  }
}

const targetFrom = (params: Params, shared: SharedState): Target => ({
  id: numberOf(params, 'trackId'),
  name: textOf(params, 'targetName') || 'operator',
  ra: 15 * numberOf(params, 'ra', [0, 24]),
  dec: numberOf(params, 'declination', [-90, 90]),
  rotator: numberOf(params, 'rotAngle'),
  filter: shared.filter
})

function telemetryOf(shared: SharedState): Model['telemetry'] & object {
  const demand = (at: Tick): Target =>
    shared.target ?? {
      id: 0,
      name: '',
      rotator: 0,
      filter: '',
      ...shared.sky.equatorialOf(shared.mount, at.tai)
    }
  return {
    currentTargetStatus: (values, at) => {
      const target = demand(at)
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
    mountStatus: (values, at) => {
      const { ra, dec } = shared.sky.equatorialOf(shared.mount, at.tai)
      values['mountRA'] = ra / 15
      values['mountDec'] = dec
      values['mountAz'] = shared.mount.azimuth
      values['mountEl'] = shared.mount.elevation
      values['mountRot'] = shared.rotator.position
    },
    mountPosition: (values, at) => {
      const { ra, dec } = shared.sky.equatorialOf(shared.mount, at.tai)
      values['azimuthActualPosition'] = shared.mount.azimuth
      values['elevationActualPosition'] = shared.mount.elevation
      values['rotatorActualPosition'] = shared.rotator.position
      values['ra'] = ra / 15
      values['declination'] = dec
      values['skyAngle'] = shortWay(shared.sky.parallacticOf({ ra, dec }, at.tai) - shared.rotator.position)
    },
    timeAndDate: (values, at) => {
      const utcMs = utcMsOf(at.tai)
      values['utc'] = (utcMs / 3_600_000) % 24
      values['lst'] = shared.sky.siderealDegreesOf(at.tai) / 15
      values['mjd'] = mjdOf(at.tai)
      values['localTime'] = (((utcMs / 3_600_000 - 4) % 24) + 24) % 24
      values['localTimeString'] = new Date(utcMs - 4 * 3_600_000).toISOString().slice(11, 19)
      values['leapSecs'] = Math.round(at.tai - utcMs / 1000)
      values['timezone'] = -4
    }
  }
}

const shortWay = (degrees: number): number => degrees - 360 * Math.round(degrees / 360)
