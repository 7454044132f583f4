import { type Catalogue, queueOf } from '@meridian/catalogue'
import type { Component } from '../component.ts'
import type { Model, ModelContext } from '../model.ts'
import type { ModelledInstance, NightInstances } from '../night.ts'
import type { Outlet } from '../outlet.ts'
import { hashOf } from '../random.ts'
import type { SharedState } from '../shared-state.ts'
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

/** State and rates that models share, besides each one's own context. */
export interface ModelTableOptions {
  readonly catalogue: Catalogue
  readonly outlet: Outlet
  readonly seed: number
  readonly boot: number
  readonly shared: SharedState
  readonly drive: Drive
  readonly components: ReadonlyMap<string, Component>
}

/** Finds the model that simulates a component. */
export interface ModelTable {
  readonly drive: Drive
  /** True for a component that has a model of its own. */
  has(csc: string): boolean
  model(context: ModelContext): Model
  mount(): MtMount | undefined
  rotator(): MtRotator | undefined
  instances(): NightInstances
  script(index: number): Script | undefined
}

/** Creates the table of models. A new model is one line here. */
export function createModelTable(options: ModelTableOptions): ModelTable {
  const { shared, drive, components } = options
  const made = new Map<string, Model>()
  const keep = <M extends Model>(context: ModelContext, model: M): M => {
    made.set(`${context.csc}:${context.index}`, model)
    return model
  }
  const table = {
    MTMount: context => createMtMount(context, shared),
    MTDome: context => createMtDome(context, shared),
    ATDome: createAtDome,
    MTRotator: context => createMtRotator(context, shared),
    MTHexapod: context => createMtHexapod(context, shared),
    MTM1M3: context => createMtM1m3(context, shared),
    MTM2: context => createMtM2(context, shared),
    MTPtg: context => createMtPtg(context, shared, drive),
    ESS: context => createEss(context, shared),
    MTCamera: context => createCamera(context, shared),
    CCCamera: context => createCamera(context, shared),
    ATCamera: context => createCamera(context, shared),
    MTVMS: createMtVms,
    Test: createTestComponent,
    Watcher: context => createWatcher(context, () => [...components.values()]),
    Scheduler: context => createScheduler(context, shared),
    ScriptQueue: context => createScriptQueue(context, queueOptions(options, context))
  } satisfies Record<string, (context: ModelContext) => Model>
  type Modelled = keyof typeof table

  const has = (csc: string): csc is Modelled => Object.hasOwn(table, csc)
  const modelOf = <C extends Modelled>(csc: C, index = 0): ReturnType<(typeof table)[C]> | undefined =>
    made.get(`${csc}:${index}`) as ReturnType<(typeof table)[C]> | undefined
  const modelled = <C extends Modelled>(
    csc: C,
    index = 0
  ): ModelledInstance<ReturnType<(typeof table)[C]>> | undefined => {
    const component = components.get(`${csc}:${index}`)
    const model = modelOf(csc, index)
    return component === undefined || model === undefined ? undefined : { component, model }
  }
  const present = <M>(found: readonly (ModelledInstance<M> | undefined)[]): ModelledInstance<M>[] =>
    found.filter(one => one !== undefined)
  return {
    drive,
    has,
    model: context => keep(context, has(context.csc) ? table[context.csc](context) : {}),
    mount: () => modelOf('MTMount'),
    rotator: () => modelOf('MTRotator'),
    script: index => (modelOf('ScriptQueue', queueOf(index)) as ScriptQueue | undefined)?.script(index),
    instances: () => ({
      mount: components.get('MTMount:0'),
      pointing: modelled('MTPtg'),
      dome: modelled('MTDome'),
      camera: modelled('MTCamera'),
      scheduler: modelled('Scheduler', 1),
      atDome: modelled('ATDome'),
      atCamera: modelled('ATCamera'),
      hexapods: present([modelled('MTHexapod', 1), modelled('MTHexapod', 2)]),
      queues: present([modelled('ScriptQueue', 1), modelled('ScriptQueue', 2)])
    })
  }
}

const queueOptions = (options: ModelTableOptions, context: ModelContext) => ({
  definition: options.catalogue.component('Script'),
  outlet: options.outlet,
  origin: hashOf(`Script/${context.index}/${options.boot}`, options.seed) & 0x7fffffff
})
