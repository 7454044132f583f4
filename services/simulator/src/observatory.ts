import type { Catalogue, Instance, SiteLocation } from '@meridian/catalogue'
import { type Component, createComponent } from './component.ts'
import { createDrive } from './drive.ts'
import type { Model, ModelContext } from './model.ts'
import { createModelTable, type ModelTable } from './models/model-table.ts'
import type { Script } from './models/script.ts'
import { createNight } from './night.ts'
import type { Outlet } from './outlet.ts'
import { hashOf, unitOf } from './random.ts'
import { createSharedState } from './shared-state.ts'
import { SUMMARY, type SummaryState } from './summary-state.ts'
import type { Tick } from './tick.ts'
import { createTimingWheel } from './timing-wheel.ts'
import { createWeather } from './weather.ts'

/** What `createObservatory` needs. The observatory knows no broker and no clock. */
export interface ObservatoryOptions {
  readonly catalogue: Catalogue
  /** Name of the observatory, for people. */
  readonly observatory: string
  /** Default: latitude and longitude 0. */
  readonly location?: SiteLocation
  readonly instances: readonly Instance[]
  readonly seed: number
  /** Differs at each start of the process: part of every origin. */
  readonly boot: number
  readonly outlet: Outlet
  readonly holdSeconds: number
  readonly restartSeconds: number
  /** Whether an observing night runs by itself. */
  readonly night: boolean
  /** Number of additional hollow instances of Test: a heartbeat and one topic each. */
  readonly hollow: number
  readonly onError: (err: unknown) => void
}

/** All simulated components of a site. */
export interface Observatory {
  /** Runs all jobs that are due at a tick. Ticks must come in order. */
  tick(at: Tick): void
  /** Every component of the site by its name, `CSC:index`; index 0 is written too. */
  readonly components: ReadonlyMap<string, Component>
  script(index: number): Script | undefined
  /** Number of jobs on the timing wheel. */
  jobs(): number
}

const NIGHT_HZ = 5
const START_SPACING_SECONDS = 0.02
const FIRST_HOLLOW = 1001
const HOLLOW_RATES: ReadonlyMap<string, number> = new Map([['scalars', 1]])

/** Creates the observatory. Instances of components that the catalogue lacks are left out. */
export function createObservatory(options: ObservatoryOptions): Observatory {
  const { catalogue, seed } = options
  const wheel = createTimingWheel(options.onError)
  const shared = createSharedState(options.observatory, options.location)
  const components = new Map<string, Component>()
  const models = createModelTable({
    ...options,
    shared,
    components,
    drive: createDrive(shared, { mount: () => models.mount(), rotator: () => models.rotator() })
  })
  const air = createWeather(seed, shared)
  air(0)

  const add = ({ csc, index }: Instance, part: Part): void => {
    const definition = catalogue.component(csc)
    if (definition === undefined) return
    const name = `${csc}:${index}`
    const rates =
      part.rates ??
      new Map([...definition.telemetry.values()].map(topic => [topic.name, definition.rateOf(topic, index)]))
    components.set(
      name,
      createComponent({
        ...options,
        csc,
        index,
        definition,
        wheel,
        rates,
        origin: hashOf(`${name}/${options.boot}`, seed) & 0x7fffffff,
        startSeconds: part.startSeconds,
        firstState: part.firstState,
        model: part.model
      })
    )
  }
  for (const [i, instance] of options.instances.entries())
    add(instance, {
      startSeconds: i * START_SPACING_SECONDS,
      firstState: firstStateOf(instance, seed, models),
      model: context => models.model(context)
    })
  for (let i = 0; i < options.hollow; i++)
    add(
      { csc: 'Test', index: FIRST_HOLLOW + i },
      { startSeconds: i * 0.005, firstState: SUMMARY.ENABLED, model: () => ({}), rates: HOLLOW_RATES }
    )
  if (options.night)
    wheel.add(NIGHT_HZ, createNight({ seed, shared, instances: models.instances(), drive: models.drive }))
  return {
    components,
    script: models.script,
    jobs: wheel.size,
    tick(at) {
      shared.now = at.tai
      shared.epoch = at.tai - at.seconds
      if (at.tick % 100 === 0) air(at.seconds)
      wheel.run(at)
    }
  }
}

interface Part {
  readonly startSeconds: number
  readonly firstState: SummaryState
  readonly model: (context: ModelContext) => Model
  readonly rates?: ReadonlyMap<string, number>
}

/**
 * First summary state of an instance: ENABLED where it has a model; of the others 5 % each are in STANDBY and
 * DISABLED.
 */
function firstStateOf({ csc, index }: Instance, seed: number, models: ModelTable): SummaryState {
  if (models.has(csc)) return SUMMARY.ENABLED
  const chance = unitOf(`${csc}:${index}/state`, seed)
  if (chance < 0.05) return SUMMARY.STANDBY
  return chance < 0.1 ? SUMMARY.DISABLED : SUMMARY.ENABLED
}
