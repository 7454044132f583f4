import type { Update } from '@meridian/client'
import { OWN_COMPONENTS } from '@meridian/subjects'
import { type ReadonlySignal, type Signal, signal } from '@preact/signals'
import type { PageClock } from '../page-clock.ts'
import { type Alarm, alarmOf } from './alarm.ts'
import { createInstanceModel, type InstanceModel, instanceIdOf } from './instance-model.ts'
import { createStateLog, type StateLog } from './state-log.ts'

/** What the fleet needs to know of time, connection and catalogue. */
export interface FleetParts {
  readonly clock: Pick<PageClock, 'heardMsOf'>
  readonly judgedAtMs: ReadonlySignal<number>
  /** Names of the components of the catalogue, once known. */
  catalogued(): ReadonlySet<string> | undefined
}

/**
 * Live state of all component instances of the site, and the alarms and state changes that pages show;
 * `apply` updates it.
 */
export interface Fleet {
  readonly instances: ReadonlySignal<readonly InstanceModel[]>
  readonly alarms: ReadonlySignal<ReadonlyMap<string, Alarm>>
  readonly changes: StateLog
  find(id: string): InstanceModel | undefined
  /** Names instances before anything is heard of them. */
  expect(instances: ReadonlyArray<{ readonly csc: string; readonly index: number }>): void
  apply(update: Update): void
}

/** Views of other components, scripts and processes of Meridian are none of the components that are shown. */
const SYNTHETIC: ReadonlySet<string> = new Set([...OWN_COMPONENTS, 'Script'])

const later = (target: Signal<number | undefined>, ms: number): void => {
  if (target.peek() === undefined || ms > (target.peek() as number)) target.value = ms
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function applyState(model: InstanceModel, update: Update, changes: StateLog): void {
  const state = update.fields['summaryState']
  if (typeof state !== 'number') return
  const before = model.summaryState.peek()
  if (before === state) return
  model.summaryState.value = state
  model.stateTime.value = update.time
  if (!update.snapshot || before !== undefined)
    changes.add({ id: model.id, before, after: state, time: update.time })
}

function applyError(model: InstanceModel, update: Update): void {
  const code = update.fields['errorCode']
  if (typeof code !== 'number') return
  model.error.value = {
    code,
    report: textOf(update.fields['errorReport']),
    traceback: textOf(update.fields['traceback']),
    time: update.time
  }
}

/** Creates a fleet without instances. */
export function createFleet({ clock, judgedAtMs, catalogued }: FleetParts): Fleet {
  const byId = new Map<string, InstanceModel>()
  const instances = signal<readonly InstanceModel[]>([])
  const alarms = signal<ReadonlyMap<string, Alarm>>(new Map())
  const changes = createStateLog()

  function make(csc: string, index: number, uncatalogued: boolean): InstanceModel {
    const model = createInstanceModel(csc, index, { uncatalogued, judgedAtMs })
    byId.set(model.id, model)
    return model
  }

  /** A known component may have a topic that no catalogue knows: it stays a known component. */
  function modelOf(update: Update): InstanceModel {
    const { csc, index } = update.parts
    const held = byId.get(instanceIdOf(csc, index))
    if (held !== undefined) return held
    const known = catalogued()?.has(csc) ?? !update.uncatalogued
    const model = make(csc, index, !known)
    instances.value = [...byId.values()]
    return model
  }

  function applyAlarm(update: Update): void {
    const alarm = alarmOf(update.fields, update.time)
    alarms.value = new Map(alarms.peek()).set(alarm.name, alarm)
  }

  return {
    instances,
    alarms,
    changes,
    find: id => byId.get(id),
    expect(wanted) {
      for (const { csc, index } of wanted) if (!byId.has(instanceIdOf(csc, index))) make(csc, index, false)
      instances.value = [...byId.values()]
    },
    apply(update) {
      const { class: kind, csc, topic } = update.parts
      if (SYNTHETIC.has(csc)) return
      const model = modelOf(update)
      if (kind === 'hb') return later(model.heartbeatMs, clock.heardMsOf(update.time))
      later(model.dataMs, clock.heardMsOf(update.time))
      if (kind !== 'evt') return
      if (topic === 'summaryState') applyState(model, update, changes)
      else if (topic === 'errorCode') applyError(model, update)
      else if (csc === 'Watcher' && topic === 'alarm') applyAlarm(update)
    }
  }
}
