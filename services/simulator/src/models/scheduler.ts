import type { Model, ModelContext } from '../model.ts'
import { createRandom } from '../random.ts'
import { numberOf, refuse, textOf } from '../refuse.ts'
import type { SharedState, Target } from '../shared-state.ts'
import { airmassOf, mjdOf } from '../sky.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'

const PLACES = 1000
const PREDICTED = 60
const VISIT_SECONDS = 38

/** Chooses observations and reports the state of the observatory. */
export interface Scheduler extends Model {
  /** Called by the night program: publishes the target that was chosen. */
  chosen(target: Target, at: Tick): void
  /** True while it may choose targets: ENABLED and not stopped. */
  running(): boolean
}

/** Creates a scheduler: index 1 plans the main telescope, 2 the auxiliary, 3 the whole observatory. */
export function createScheduler(context: ModelContext, shared: SharedState): Scheduler {
  const random = createRandom(context.seed)
  const blocks = new Map<string, { status: string; done: number }>([
    ['BLOCK-365', { status: 'STARTED', done: 12 }]
  ])
  let on = true
  let lastPrediction = Number.NEGATIVE_INFINITY

  const detail = (item: string, at: Tick): void =>
    void context.event('detailedState').put({ substate: context.valueOf('DetailedState', item) }, at)
  const predict = (at: Tick): void => {
    lastPrediction = at.seconds
    detail('COMPUTING_PREDICTED_SCHEDULE', at)
    context.event('predictedSchedule').force(predictionOf(random, at), at)
    detail(on ? 'RUNNING' : 'IDLE', at)
  }
  const showBlock = (id: string, at: Tick): void => {
    const block = blocks.get(id)
    if (block === undefined) throw refuse(`no block '${id}'`)
    context.event('blockStatus').force(
      {
        id,
        statusId: 1,
        status: block.status,
        executionsCompleted: block.done,
        executionsTotal: 400,
        hash: '',
        definition: ''
      },
      at
    )
  }
  const setRunning = (value: boolean, at: Tick): void => {
    on = value
    detail(value ? 'RUNNING' : 'IDLE', at)
  }
  return {
    running: () => on && context.state() === SUMMARY.ENABLED,
    chosen(target, at) {
      const { azimuth, elevation } = shared.sky.horizontalOf(target, at.tai)
      context.event('target').force(
        {
          targetId: target.id,
          ra: target.ra,
          decl: target.dec,
          az: azimuth,
          alt: elevation,
          skyAngle: shared.sky.parallacticOf(target, at.tai),
          rotAngle: target.rotator,
          filter: target.filter,
          airmass: airmassOf(elevation),
          numExposures: 1,
          exposureTimes: [30, 0, 0, 0, 0, 0, 0, 0, 0, 0],
          requestTime: at.tai,
          requestMjd: mjdOf(at.tai),
          targetName: target.name,
          note: 'simulated survey'
        },
        at
      )
      const block = blocks.get('BLOCK-365')
      if (block !== undefined && target.id % 5 === 0) {
        block.done++
        showBlock('BLOCK-365', at)
      }
    },
    advance(at) {
      if (context.state() === SUMMARY.ENABLED && at.seconds - lastPrediction >= 600) predict(at)
    },
    entered(next, at) {
      detail(next === SUMMARY.ENABLED && on ? 'RUNNING' : 'IDLE', at)
    },
    telemetry: {
      observatoryState: (values, at) => {
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
    },
    events: {
      observatoryStatus: {
        status: context.valueOf('ObservatoryStatus', 'OPERATIONAL'),
        statusLabels: 'OPERATIONAL',
        note: ''
      },
      obsSiteConfig: {
        observatoryName: shared.observatory,
        latitude: shared.location.latitudeDeg,
        longitude: shared.location.longitudeDeg,
        height: shared.location.elevationM
      },
      generalInfo: { isNight: true }
    },
    notAtStart: [
      'target',
      'invalidateTarget',
      'observation',
      'predictedSchedule',
      'nextTargetQueue',
      'blockStatus',
      'needFilterSwap'
    ],
    commands: {
      resume: ({ at }) => {
        setRunning(true, at)
      },
      stop: ({ at }) => {
        setRunning(false, at)
      },
      updateObservatoryStatus: ({ params, at }) => {
        const status = numberOf(params, 'status', [0, 63])
        context
          .event('observatoryStatus')
          .put({ status, statusLabels: labelsOf(status), note: textOf(params, 'note') }, at)
      },
      computePredictedSchedule: ({ at }) => {
        predict(at)
        return { seconds: 2, done: now => now.tai >= at.tai + 2 }
      },
      addBlock: ({ params, at }) => {
        const id = textOf(params, 'id')
        if (id === '') throw refuse('id is empty')
        blocks.set(id, { status: 'AVAILABLE', done: 0 })
        showBlock(id, at)
      },
      removeBlock: ({ params }) => {
        for (const id of textOf(params, 'ids').split(','))
          if (!blocks.delete(id.trim())) throw refuse(`no block '${id.trim()}'`)
      },
      getBlockStatus: ({ params, at }) => {
        showBlock(textOf(params, 'id'), at)
      }
    }
  }
}

const LABELS = ['DAYTIME', 'OPERATIONAL', 'FAULT', 'WEATHER', 'DOWNTIME', 'IDLE']

const labelsOf = (status: number): string =>
  status === 0 ? 'UNKNOWN' : LABELS.filter((_, bit) => (status & (1 << bit)) !== 0).join(',')

function predictionOf(random: () => number, at: Tick): Record<string, unknown> {
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
