import { utcMsOf } from '@meridian/time'
import type { Model, Params, Stage } from '../model.ts'
import type { Moment } from '../moment.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { Scene, Target } from '../scene.ts'
import { airmassOf, equatorialOf, horizontalOf, mjdOf, parallacticOf, siderealDegreesOf } from '../sky.ts'
import { SUMMARY } from '../summary-state.ts'

/** What the pointing component drives: mount and rotator. */
export interface Drive {
  /** Follows a target on the sky; false where the mount does not take it. */
  track(target: Target): boolean
  stop(): void
  inPosition(): boolean
}

/** The pointing component. */
export interface MtPtg extends Model {
  /** The night's way in: a new target. False where it is not ENABLED. */
  point(target: Target, at: Moment): boolean
}

/** Makes the pointing component of the main telescope. */
export function createMtPtg(stage: Stage, scene: Scene, drive: Drive): MtPtg {
  const announce = (target: Target, at: Moment): void => {
    const { azimuth, elevation } = horizontalOf(target, at.tai)
    stage.event('currentTarget').put(
      {
        timestamp: at.tai,
        targetType: stage.valueOf('TargetTypes', 'raDec'),
        targetName: target.name,
        ra: target.ra / 15,
        declination: target.dec,
        raHours: target.ra / 15,
        decDegs: target.dec,
        azDegs: azimuth,
        elDegs: elevation,
        frame: stage.valueOf('CoordFrame', 'icrs'),
        rotAngle: target.rotator
      },
      at
    )
    stage.event('detailedState').put({ detailedState: stage.valueOf('DetailedStates', 'openLoop') }, at)
    stage.event('trackPosting').put({ status: true }, at)
  }
  const point = (target: Target, at: Moment): boolean => {
    if (stage.state() !== SUMMARY.ENABLED || !drive.track(target)) return false
    scene.target = target
    announce(target, at)
    return true
  }
  const begin = (target: Target, at: Moment): { seconds: number; group: string; done: () => boolean } => {
    const { elevation } = horizontalOf(target, at.tai)
    if (elevation < 15 || elevation > 86.5)
      throw refuse(`target stands at elevation ${elevation.toFixed(1)}, outside 15 to 86.5`)
    if (!point(target, at)) throw refuse('the mount does not follow: it is not ENABLED')
    return { seconds: 30, group: 'target', done: drive.inPosition }
  }
  const quiet = ['validatedTarget', 'pointData']
  return {
    point,
    quiet,
    telemetry: telemetryOf(scene),
    events: {
      focusNameSelected: { focus: stage.valueOf('Foci', 'prime') },
      detailedState: { detailedState: stage.valueOf('DetailedStates', 'notTracking') },
      observatoryLocation: { longitude: -70.7494, latitude: -30.2446, height: 2663, timeZone: -4 },
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
        ].map(name => [`${name}Warning`, { level: stage.valueOf('WarningLevel', 'none') }])
      )
    },
    commands: {
      raDecTarget: ({ params, at }) => begin(targetFrom(params, scene), at),
      azElTarget: ({ params, at }) => {
        const direction = {
          azimuth: numberOf(params, 'azDegs'),
          elevation: numberOf(params, 'elDegs', [15, 86.5])
        }
        return begin({ ...targetFrom(params, scene), ...equatorialOf(direction, at.tai) }, at)
      },
      startTracking: () => undefined,
      stopTracking: ({ abort, at }) => {
        abort('target', 'stopTracking')
        drive.stop()
        scene.target = undefined
        stage
          .event('detailedState')
          .put({ detailedState: stage.valueOf('DetailedStates', 'notTracking') }, at)
        stage.event('trackPosting').put({ status: false }, at)
      }
    }
  }
}

const targetFrom = (params: Params, scene: Scene): Target => ({
  id: numberOf(params, 'trackId'),
  name: textOf(params, 'targetName') || 'operator',
  ra: 15 * numberOf(params, 'ra', [0, 24]),
  dec: numberOf(params, 'declination', [-90, 90]),
  rotator: numberOf(params, 'rotAngle'),
  filter: scene.filter
})

function telemetryOf(scene: Scene): Model['telemetry'] & object {
  const demand = (at: Moment): Target =>
    scene.target ?? {
      id: 0,
      name: '',
      rotator: 0,
      filter: '',
      ...equatorialOf(scene.mount, at.tai)
    }
  return {
    currentTargetStatus: (values, at) => {
      const target = demand(at)
      const now = horizontalOf(target, at.tai)
      const next = horizontalOf(target, at.tai + 1)
      values['demandAz'] = now.azimuth
      values['demandEl'] = now.elevation
      values['demandRot'] = scene.rotator.position
      values['demandAzVelocity'] = shortWay(next.azimuth - now.azimuth)
      values['demandElVelocity'] = next.elevation - now.elevation
      values['demandRotVelocity'] = scene.rotator.velocity
      values['ha'] = shortWay(siderealDegreesOf(at.tai) - target.ra) / 15
      values['parAngle'] = parallacticOf(target, at.tai)
      values['airmass'] = airmassOf(now.elevation)
      values['demandRa'] = target.ra / 15
      values['demandDec'] = target.dec
    },
    mountStatus: (values, at) => {
      const { ra, dec } = equatorialOf(scene.mount, at.tai)
      values['mountRA'] = ra / 15
      values['mountDec'] = dec
      values['mountAz'] = scene.mount.azimuth
      values['mountEl'] = scene.mount.elevation
      values['mountRot'] = scene.rotator.position
    },
    mountPosition: (values, at) => {
      const { ra, dec } = equatorialOf(scene.mount, at.tai)
      values['azimuthActualPosition'] = scene.mount.azimuth
      values['elevationActualPosition'] = scene.mount.elevation
      values['rotatorActualPosition'] = scene.rotator.position
      values['ra'] = ra / 15
      values['declination'] = dec
      values['skyAngle'] = shortWay(parallacticOf({ ra, dec }, at.tai) - scene.rotator.position)
    },
    timeAndDate: (values, at) => {
      const utcMs = utcMsOf(at.tai)
      values['utc'] = (utcMs / 3_600_000) % 24
      values['lst'] = siderealDegreesOf(at.tai) / 15
      values['mjd'] = mjdOf(at.tai)
      values['localTime'] = (((utcMs / 3_600_000 - 4) % 24) + 24) % 24
      values['localTimeString'] = new Date(utcMs - 4 * 3_600_000).toISOString().slice(11, 19)
      values['leapSecs'] = Math.round(at.tai - utcMs / 1000)
      values['timezone'] = -4
    }
  }
}

const shortWay = (degrees: number): number => degrees - 360 * Math.round(degrees / 360)
