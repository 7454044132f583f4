import type { Update } from '@meridian/client'
import { OWN_COMPONENTS } from '@meridian/subjects'
import { computed, type ReadonlySignal, signal } from '@preact/signals'
import type { Stall } from '../data-flow.ts'
import type { Reading } from '../session/reading.ts'
import { type Alarm, alarmOf } from './alarm.ts'
import { forgottenOf } from './forgotten.ts'
import { createInstanceModel, type InstanceModel, instanceIdOf } from './instance-model.ts'
import { later } from './later.ts'
import { readableOf } from './no-access.ts'
import { createPauses, type Pauses } from './pauses.ts'
import { createProcesses, type Processes } from './processes.ts'
import { createRefusedDataLog, type RefusedDataLog } from './refused-data.ts'
import { createRefusedNamesLog, type RefusedNamesLog } from './refused-names.ts'
import { createStateLog, type StateChange, type StateLog } from './state-log.ts'
import { createToldClocks, type ToldClocks } from './told-clocks.ts'

/** What the fleet needs to know of connection and catalogue, and whom it tells. */
export interface FleetParts {
  /** The instant as of which the link lets anybody be judged. */
  readonly judgedAtMs: ReadonlySignal<number>
  /** The last time in which the link brought nothing. */
  readonly lastStall: ReadonlySignal<Stall | undefined>
  /** What whoever is logged in may read. */
  readonly reading: Reading
  /** Names of the components of the catalogue, once known. */
  catalogued(): ReadonlySet<string> | undefined
  /** Called with each change that happens while the page is open. */
  onChange(change: StateChange): void
}

/**
 * Live state of all component instances of the site, the alarms and state changes that pages show, and
 * Meridian's own processes; `apply` updates it.
 */
export interface Fleet {
  readonly instances: ReadonlySignal<readonly InstanceModel[]>
  readonly alarms: ReadonlySignal<ReadonlyMap<string, Alarm>>
  readonly changes: StateLog
  readonly processes: Processes
  readonly refusedData: RefusedDataLog
  readonly refusedNames: RefusedNamesLog
  readonly toldClocks: ToldClocks
  /** When instances were forgotten whose names were removed, TAI seconds; not of those that were heard since. */
  readonly forgotten: ReadonlySignal<ReadonlyMap<string, number>>
  find(id: string): InstanceModel | undefined
  /** Names instances before anything is heard of them. */
  expect(instances: ReadonlyArray<{ readonly csc: string; readonly index: number }>): void
  /** Takes an update that was heard at an instant of the page's clock. */
  apply(update: Update, heardMs: number): void
  /** All last values have come: from now on it shows how instances fare. */
  complete(): void
  /**
   * What events said is not on record any more: their stream was made anew. States, errors and alarms are unknown until
   * they are said again, as on a page that is opened now.
   */
  forgetEvents(): void
}

/** Views of other components, scripts and processes of Meridian are none of the components that are shown. */
const SYNTHETIC: ReadonlySet<string> = new Set([...OWN_COMPONENTS, 'Script'])

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

function applyState(model: InstanceModel, { fields, received }: Update): void {
  const state = fields['summaryState']
  if (typeof state !== 'number') return
  model.stateSaidTime.value = received
  if (model.summaryState.peek() === state) return
  model.summaryState.value = state
  model.stateTime.value = received
}

function applyError(model: InstanceModel, update: Update): void {
  const code = update.fields['errorCode']
  if (typeof code !== 'number') return
  model.error.value = {
    code,
    report: textOf(update.fields['errorReport']),
    traceback: textOf(update.fields['traceback']),
    time: update.received
  }
}

/** The alarms as they were heard last, by name. */
function createAlarms() {
  const alarms = signal<ReadonlyMap<string, Alarm>>(new Map())
  function apply({ fields, received }: Update): void {
    const alarm = alarmOf(fields, received, alarms.peek().get(textOf(fields['name'])))
    alarms.value = new Map(alarms.peek()).set(alarm.name, alarm)
  }
  const forget = (): void => {
    alarms.value = new Map()
  }
  return { alarms, apply, forget }
}

/** The instances that are expected or heard, each with the pauses between its data. */
function createInstances(
  { catalogued, reading }: Pick<FleetParts, 'catalogued' | 'reading'>,
  processes: Processes
) {
  const byId = new Map<string, InstanceModel>()
  const pauses = new Map<string, Pauses>()
  const expected = new Set<string>()
  const isComplete = signal(false)
  const forgotten = signal<ReadonlyMap<string, number>>(new Map())
  const instances = signal<readonly InstanceModel[]>([])

  function make(csc: string, index: number, uncatalogued: boolean): InstanceModel {
    const judgement = processes.judgementOf(instanceIdOf(csc, index))
    const readable = computed(() => readableOf(reading, { csc, index }))
    const model = createInstanceModel(csc, index, { uncatalogued, judgement, isComplete, readable })
    byId.set(model.id, model)
    pauses.set(model.id, createPauses())
    return model
  }

  /** A known component may have a topic that no catalogue knows: it stays a known component. */
  function modelOf(update: Update): InstanceModel {
    const { csc, index } = update.parts
    const id = instanceIdOf(csc, index)
    if (forgotten.peek().has(id))
      forgotten.value = new Map([...forgotten.peek()].filter(([other]) => other !== id))
    const held = byId.get(id)
    if (held !== undefined) return held
    const known = catalogued()?.has(csc) ?? !update.uncatalogued
    const model = make(csc, index, !known)
    instances.value = [...byId.values()]
    return model
  }

  /** Unless it was heard since: it is there again. One that the site names stays, and nothing is known of it. */
  function forget(id: string, heardMs: number, received: number): void {
    const model = byId.get(id)
    if (Math.max(model?.heartbeatMs.peek() ?? 0, model?.dataMs.peek() ?? 0) > heardMs) return
    forgotten.value = new Map(forgotten.peek()).set(id, received)
    if (model === undefined) return
    byId.delete(id)
    if (expected.has(id)) make(model.csc, model.index, model.uncatalogued)
    instances.value = [...byId.values()]
  }

  function expect(wanted: ReadonlyArray<{ readonly csc: string; readonly index: number }>): void {
    for (const { csc, index } of wanted) {
      const id = instanceIdOf(csc, index)
      expected.add(id)
      if (!byId.has(id)) make(csc, index, false)
    }
    instances.value = [...byId.values()]
  }

  function applyData(model: InstanceModel, update: Update, heardMs: number): void {
    if (update.parts.class === 'tel' && !update.snapshot)
      model.usualMs.value = pauses.get(model.id)?.after(model.dataMs.peek(), heardMs)
    later(model.dataMs, heardMs)
  }

  const complete = (): void => {
    isComplete.value = true
  }

  const find = (id: string): InstanceModel | undefined => byId.get(id)

  return { instances, forgotten, find, modelOf, expect, forget, applyData, complete }
}

function forgetState({ summaryState, stateTime, stateSaidTime, error }: InstanceModel): void {
  for (const said of [summaryState, stateTime, stateSaidTime, error]) said.value = undefined
}

function applyClock(model: InstanceModel, { time, received }: Update): void {
  model.clockAheadSeconds.value = model.clockWatch.take(time, received)
}

/** Creates a fleet that knows no instance until one is expected or heard. */
export function createFleet(parts: FleetParts): Fleet {
  const { judgedAtMs, lastStall, reading, onChange } = parts
  const changes = createStateLog()
  const processes = createProcesses({ judgedAtMs, lastStall, reading })
  const refusedData = createRefusedDataLog()
  const refusedNames = createRefusedNamesLog()
  const toldClocks = createToldClocks()
  const { alarms, apply: applyAlarm, forget: forgetAlarms } = createAlarms()
  const { instances, forgotten, find, modelOf, expect, forget, applyData, complete } = createInstances(
    parts,
    processes
  )

  function log(update: Update): void {
    const change = changes.add(update)
    if (change !== undefined && !update.snapshot) onChange(change)
  }

  function applyEvent(model: InstanceModel, update: Update): void {
    const { csc, topic } = update.parts
    if (topic === 'summaryState') applyState(model, update)
    else if (topic === 'errorCode') applyError(model, update)
    else if (csc === 'Watcher' && topic === 'alarm') applyAlarm(update)
  }

  /** Takes what Meridian tells of itself; false when the update tells of something else. */
  function applyOwn(update: Update, heardMs: number): boolean {
    const forgottenId = forgottenOf(update)
    if (forgottenId !== undefined) {
      forget(forgottenId, heardMs, update.received)
      processes.forget(forgottenId, heardMs)
    }
    return (
      [refusedData, refusedNames, toldClocks].some(told => told.apply(update)) ||
      processes.apply(update, heardMs)
    )
  }

  function apply(update: Update, heardMs: number): void {
    const { class: kind, csc } = update.parts
    if (kind === 'evt') log(update)
    if (applyOwn(update, heardMs) || SYNTHETIC.has(csc)) return
    const model = modelOf(update)
    applyClock(model, update)
    if (kind === 'hb') later(model.heartbeatMs, heardMs)
    else applyData(model, update, heardMs)
    if (kind === 'evt') applyEvent(model, update)
  }

  return {
    instances,
    alarms,
    changes,
    processes,
    refusedData,
    refusedNames,
    toldClocks,
    forgotten,
    find,
    expect,
    apply,
    complete,
    forgetEvents() {
      for (const model of instances.peek()) forgetState(model)
      forgetAlarms()
    }
  }
}
