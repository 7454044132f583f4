import type { ModelContext, TelemetryTable } from '../model.ts'
import type { Values } from '../outlet.ts'
import type { SharedState, Target } from '../shared-state.ts'
import { airmassOf, mjdOf } from '../sky.ts'
import type { Tick } from '../tick.ts'

/** Length of the arrays of a predicted schedule, and how many of them are filled. */
const PLACES = 1000
const PREDICTED = 60
const VISIT_SECONDS = 38

/** Telemetry of a scheduler: the state of the observatory that it plans with. */
export const schedulerTelemetry: TelemetryTable<{ readonly shared: SharedState }> = {
  observatoryState: ({ shared }, values, at) => {
    const { ra, dec } = shared.sky.equatorialOf(shared.mount, at.tai)
    values['ra'] = ra
    values['declination'] = dec
    values['positionAngle'] = shared.rotator.position
    values['parallacticAngle'] = shared.sky.parallacticOf({ ra, dec }, at.tai)
    values['tracking'] = shared.mount.tracking
    values['telescopeAltitude'] = shared.mount.elevation
    values['telescopeAzimuth'] = shared.mount.azimuth
    values['telescopeRotator'] = shared.rotator.position
    values['domeAltitude'] = shared.mount.elevation
    values['domeAzimuth'] = shared.dome.azimuth
    values['filterPosition'] = shared.filter
    values['filterMounted'] = 'u_24,g_6,r_57,i_39,z_20'
    values['filterUnmounted'] = 'y_10'
  }
}

/** Fields of a scheduler's events at start. */
export const startEvents = (
  context: ModelContext,
  { observatory, location }: SharedState
): Readonly<Record<string, Values>> => ({
  observatoryStatus: {
    status: context.valueOf('ObservatoryStatus', 'OPERATIONAL'),
    statusLabels: 'OPERATIONAL',
    note: ''
  },
  obsSiteConfig: {
    observatoryName: observatory,
    latitude: location.latitudeDeg,
    longitude: location.longitudeDeg,
    height: location.elevationM
  },
  generalInfo: { isNight: true }
})

/** Fields of the event `target`, with azimuth, altitude and angles as the sky has them at this tick. */
export function targetFields({ sky }: SharedState, target: Target, at: Tick): Values {
  const { azimuth, elevation } = sky.horizontalOf(target, at.tai)
  return {
    targetId: target.id,
    ra: target.ra,
    decl: target.dec,
    az: azimuth,
    alt: elevation,
    skyAngle: sky.parallacticOf(target, at.tai),
    rotAngle: target.rotator,
    filter: target.filter,
    airmass: airmassOf(elevation),
    numExposures: 1,
    exposureTimes: [30, 0, 0, 0, 0, 0, 0, 0, 0, 0],
    requestTime: at.tai,
    requestMjd: mjdOf(at.tai),
    targetName: target.name,
    note: 'simulated survey'
  }
}

const LABELS = ['DAYTIME', 'OPERATIONAL', 'FAULT', 'WEATHER', 'DOWNTIME', 'IDLE']

/** Names of the bits of an observatory status. */
export const labelsOf = (status: number): string =>
  status === 0 ? 'UNKNOWN' : LABELS.filter((_, bit) => (status & (1 << bit)) !== 0).join(',')

/** Fields of the event `predictedSchedule`: made-up visits, one behind the other from this tick on. */
export function predictionOf(random: () => number, at: Tick): Values {
  const list = (numberAt: (i: number) => number): number[] =>
    Array.from({ length: PLACES }, (_, i) => (i < PREDICTED ? numberAt(i) : 0))
  return {
    numberOfTargets: PREDICTED,
    ra: list(i => (120 + 3 * i + 4 * random()) % 360),
    decl: list(() => -60 + 50 * random()),
    rotSkyPos: list(() => 360 * random()),
    mjd: list(i => mjdOf(at.tai + VISIT_SECONDS * i)),
    exptime: list(() => 30),
    nexp: list(() => 1),
    instrumentConfiguration: Array.from({ length: PREDICTED }, () => 'r').join(',')
  }
}
