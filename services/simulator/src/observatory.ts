import type { Catalogue, Instance } from '@meridian/catalogue'
import { createAir } from './air.ts'
import { type Component, createComponent } from './component.ts'
import { createDrive } from './drive.ts'
import type { Publish } from './line.ts'
import type { Model, Stage } from './model.ts'
import { type Cast, createCast } from './models/cast.ts'
import type { Script } from './models/script.ts'
import type { Moment } from './moment.ts'
import { createNight } from './night.ts'
import { hashOf, unitOf } from './random.ts'
import { createScene } from './scene.ts'
import { SUMMARY, type SummaryState } from './summary-state.ts'
import { createWheel } from './wheel.ts'

/** What a simulated observatory is made from. It knows no broker and no clock. */
export interface ObservatoryOptions {
  readonly catalogue: Catalogue
  readonly site: string
  readonly instances: readonly Instance[]
  readonly seed: number
  /** Differs at each start of the process: part of every origin. */
  readonly boot: number
  readonly publish: Publish
  readonly holdSeconds: number
  readonly restartSeconds: number
  /** The night goes on by itself. */
  readonly night: boolean
  /** How many hollow instances of Test there are besides. */
  readonly hollow: number
  readonly onError: (err: unknown) => void
}

/** A simulated observatory. */
export interface Observatory {
  /** Does all that is due at a tick; ticks come in order. */
  tick(at: Moment): void
  /** By `CSC:index`. */
  readonly components: ReadonlyMap<string, Component>
  script(index: number): Script | undefined
  /** Jobs on the wheel. */
  jobs(): number
}

const NIGHT_HZ = 5
const START_SPACING_SECONDS = 0.02
const FIRST_HOLLOW = 1001
const HOLLOW_RATES: ReadonlyMap<string, number> = new Map([['scalars', 1]])

/** Makes the observatory. */
export function createObservatory(options: ObservatoryOptions): Observatory {
  const { catalogue, seed } = options
  const wheel = createWheel(options.onError)
  const scene = createScene()
  const components = new Map<string, Component>()
  const cast = createCast({
    ...options,
    scene,
    components,
    drive: createDrive(scene, { mount: () => cast.mount(), rotator: () => cast.rotator() })
  })
  const air = createAir(seed, scene)
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
      firstState: firstStateOf(instance, seed, cast),
      model: stage => cast.model(stage)
    })
  for (let i = 0; i < options.hollow; i++)
    add(
      { csc: 'Test', index: FIRST_HOLLOW + i },
      { startSeconds: i * 0.005, firstState: SUMMARY.ENABLED, model: () => ({}), rates: HOLLOW_RATES }
    )
  if (options.night) wheel.add(NIGHT_HZ, createNight({ seed, scene, crew: cast.crew(), drive: cast.drive }))
  return {
    components,
    script: cast.script,
    jobs: wheel.size,
    tick(at) {
      scene.now = at.tai
      scene.epoch = at.tai - at.seconds
      if (at.tick % 100 === 0) air(at.seconds)
      wheel.run(at)
    }
  }
}

interface Part {
  readonly startSeconds: number
  readonly firstState: SummaryState
  readonly model: (stage: Stage) => Model
  readonly rates?: ReadonlyMap<string, number>
}

/** A night at the summit: all that matters is ENABLED; of the rest a few are left in STANDBY or DISABLED. */
function firstStateOf({ csc, index }: Instance, seed: number, cast: Cast): SummaryState {
  if (cast.plays(csc)) return SUMMARY.ENABLED
  const chance = unitOf(`${csc}:${index}/state`, seed)
  if (chance < 0.05) return SUMMARY.STANDBY
  return chance < 0.1 ? SUMMARY.DISABLED : SUMMARY.ENABLED
}
