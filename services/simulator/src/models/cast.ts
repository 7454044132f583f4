import type { Catalogue } from '@meridian/catalogue'
import type { Component } from '../component.ts'
import type { Publish } from '../line.ts'
import type { Model, Stage } from '../model.ts'
import type { Crew, Player } from '../night.ts'
import { hashOf } from '../random.ts'
import type { Scene } from '../scene.ts'
import { createAtDome } from './at-dome.ts'
import { createCamera } from './camera.ts'
import { createEss } from './ess.ts'
import { createMtDome } from './mt-dome.ts'
import { createMtHexapod } from './mt-hexapod.ts'
import { createMtM1m3 } from './mt-m1m3.ts'
import { createMtM2 } from './mt-m2.ts'
import { createMtMount, type MtMount } from './mt-mount.ts'
import { createMtPtg, type Drive } from './mt-ptg.ts'
import { createMtRotator, type MtRotator } from './mt-rotator.ts'
import { createMtVms } from './mt-vms.ts'
import { createScheduler } from './scheduler.ts'
import type { Script } from './script.ts'
import { createScriptQueue, type ScriptQueue } from './script-queue.ts'
import { createTestComponent } from './test-component.ts'
import { createWatcher } from './watcher.ts'

/** What the models are made from, besides their own stage. */
export interface CastOptions {
  readonly site: string
  readonly catalogue: Catalogue
  readonly publish: Publish
  readonly seed: number
  readonly boot: number
  readonly scene: Scene
  readonly drive: Drive
  readonly components: ReadonlyMap<string, Component>
}

/** Which component is played by which model. */
export interface Cast {
  readonly drive: Drive
  /** True where there is more than the catalogue to it. */
  plays(csc: string): boolean
  model(stage: Stage): Model
  mount(): MtMount | undefined
  rotator(): MtRotator | undefined
  crew(): Crew
  script(index: number): Script | undefined
}

/** Makes the table of models. A new model is one line here. */
export function createCast(options: CastOptions): Cast {
  const { scene, drive, components } = options
  const made = new Map<string, Model>()
  const keep = <M extends Model>(stage: Stage, model: M): M => {
    made.set(`${stage.csc}:${stage.index}`, model)
    return model
  }
  const table = {
    MTMount: stage => createMtMount(stage, scene),
    MTDome: stage => createMtDome(stage, scene),
    ATDome: createAtDome,
    MTRotator: stage => createMtRotator(stage, scene),
    MTHexapod: stage => createMtHexapod(stage, scene),
    MTM1M3: stage => createMtM1m3(stage, scene),
    MTM2: stage => createMtM2(stage, scene),
    MTPtg: stage => createMtPtg(stage, scene, drive),
    ESS: stage => createEss(stage, scene),
    MTCamera: stage => createCamera(stage, scene),
    CCCamera: stage => createCamera(stage, scene),
    ATCamera: stage => createCamera(stage, scene),
    MTVMS: createMtVms,
    Test: createTestComponent,
    Watcher: stage => createWatcher(stage, () => [...components.values()]),
    Scheduler: stage => createScheduler(stage, scene),
    ScriptQueue: stage => createScriptQueue(stage, queueOptions(options, stage))
  } satisfies Record<string, (stage: Stage) => Model>
  type Played = keyof typeof table

  const plays = (csc: string): csc is Played => Object.hasOwn(table, csc)
  const modelOf = <C extends Played>(csc: C, index = 0): ReturnType<(typeof table)[C]> | undefined =>
    made.get(`${csc}:${index}`) as ReturnType<(typeof table)[C]> | undefined
  const player = <C extends Played>(csc: C, index = 0): Player<ReturnType<(typeof table)[C]>> | undefined => {
    const component = components.get(`${csc}:${index}`)
    const model = modelOf(csc, index)
    return component === undefined || model === undefined ? undefined : { component, model }
  }
  const present = <M>(players: readonly (Player<M> | undefined)[]): Player<M>[] =>
    players.filter(one => one !== undefined)
  return {
    drive,
    plays,
    model: stage => keep(stage, plays(stage.csc) ? table[stage.csc](stage) : {}),
    mount: () => modelOf('MTMount'),
    rotator: () => modelOf('MTRotator'),
    script: index =>
      (modelOf('ScriptQueue', Math.floor(index / 100_000)) as ScriptQueue | undefined)?.script(index),
    crew: () => ({
      mount: components.get('MTMount:0'),
      pointing: player('MTPtg'),
      dome: player('MTDome'),
      camera: player('MTCamera'),
      scheduler: player('Scheduler', 1),
      atDome: player('ATDome'),
      atCamera: player('ATCamera'),
      hexapods: present([player('MTHexapod', 1), player('MTHexapod', 2)]),
      queues: present([player('ScriptQueue', 1), player('ScriptQueue', 2)])
    })
  }
}

const queueOptions = (options: CastOptions, stage: Stage) => ({
  site: options.site,
  definition: options.catalogue.component('Script'),
  publish: options.publish,
  origin: hashOf(`Script/${stage.index}/${options.boot}`, options.seed) & 0x7fffffff
})
