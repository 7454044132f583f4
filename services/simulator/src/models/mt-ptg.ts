import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type Params,
  type Work
} from '../model.ts'
import type { Values } from '../outlet.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { SharedState, Target } from '../shared-state.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { pointingTelemetry } from './mt-ptg-telemetry.ts'

/** Elevations at which the mount can follow a target, degrees. */
const ELEVATION = { least: 15, most: 86.5 }
const SLEW_SECONDS = 30

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

/** Parts of the pointing component; its state is the shared target. */
interface Pointing {
  readonly context: ModelContext
  readonly shared: SharedState
  readonly drive: Drive
}

/** Creates the pointing component, without a target. */
export function createMtPtg(context: ModelContext, shared: SharedState, drive: Drive): MtPtg {
  const pointing: Pointing = { context, shared, drive }
  const events = startEvents(pointing)
  const notAtStart = ['validatedTarget', 'pointData']
  return {
    ...createModel(pointing, { telemetry: pointingTelemetry, commands, events, notAtStart }),
    point: (target, at) => point(pointing, target, at)
  }
}

const commands: CommandTable<Pointing> = {
  raDecTarget: (pointing, { params, at }) => begin(pointing, targetFrom(params, pointing.shared), at),
  azElTarget: (pointing, { params, at }) => {
    const azimuth = numberOf(params, 'azDegs')
    const elevation = numberOf(params, 'elDegs', [ELEVATION.least, ELEVATION.most])
    const { sky } = pointing.shared
    const target = targetFrom(params, pointing.shared)
    return begin(pointing, { ...target, ...sky.equatorialOf({ azimuth, elevation }, at.tai) }, at)
  },
  startTracking: () => undefined,
  stopTracking
}

const targetFrom = (params: Params, shared: SharedState): Target => ({
  id: numberOf(params, 'trackId'),
  name: textOf(params, 'targetName') || 'operator',
  ra: 15 * numberOf(params, 'ra', [0, 24]),
  dec: numberOf(params, 'declination', [-90, 90]),
  rotator: numberOf(params, 'rotAngle'),
  filter: shared.filter
})

function begin(pointing: Pointing, target: Target, at: Tick): Work {
  const { elevation } = pointing.shared.sky.horizontalOf(target, at.tai)
  if (elevation < ELEVATION.least || elevation > ELEVATION.most)
    throw refuse(
      `target stands at elevation ${elevation.toFixed(1)}, outside ${ELEVATION.least} to ${ELEVATION.most}`
    )
  if (!point(pointing, target, at)) throw refuse('the mount does not follow: it is not ENABLED')
  return { seconds: SLEW_SECONDS, group: 'target', done: pointing.drive.inPosition }
}

function point(pointing: Pointing, target: Target, at: Tick): boolean {
  const { context, shared, drive } = pointing
  if (context.state() !== SUMMARY.ENABLED || !drive.track(target)) return false
  shared.target = target
  context.event('currentTarget').put(targetFields(pointing, target, at), at)
  publishTracking(context, true, at)
  return true
}

function stopTracking({ context, shared, drive }: Pointing, { abort, at }: Call): undefined {
  abort('target', 'stopTracking')
  drive.stop()
  shared.target = undefined
  publishTracking(context, false, at)
}

function publishTracking(context: ModelContext, tracks: boolean, at: Tick): void {
  const detailedState = context.valueOf('DetailedStates', tracks ? 'openLoop' : 'notTracking')
  context.event('detailedState').put({ detailedState }, at)
  context.event('trackPosting').put({ status: tracks }, at)
}

function targetFields({ context, shared }: Pointing, target: Target, at: Tick): Values {
  const { azimuth, elevation } = shared.sky.horizontalOf(target, at.tai)
  return {
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
  }
}

const WARNINGS = [
  'sunProximity',
  'azWrap',
  'objectSet',
  'airmass',
  'mountData',
  'rotWrap',
  'moonProximity',
  'elLimit'
]

function startEvents({ context, shared }: Pointing): Readonly<Record<string, Values>> {
  const level = context.valueOf('WarningLevel', 'none')
  const { longitudeDeg, latitudeDeg, elevationM, utcOffsetHours = 0 } = shared.location
  return {
    focusNameSelected: { focus: context.valueOf('Foci', 'prime') },
    detailedState: { detailedState: context.valueOf('DetailedStates', 'notTracking') },
    observatoryLocation: {
      longitude: longitudeDeg,
      latitude: latitudeDeg,
      height: elevationM,
      timeZone: utcOffsetHours
    },
    ...Object.fromEntries(WARNINGS.map(name => [`${name}Warning`, { level }]))
  }
}
