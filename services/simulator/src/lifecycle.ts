import type { Component as Definition } from '@meridian/catalogue'
import { createGenericFill } from './generic-fill.ts'
import { LEVEL, type Model } from './model.ts'
import { createRandom, hashOf } from './random.ts'
import {
  nextState,
  type StateCommand,
  SUMMARY,
  type SummaryState,
  stateName,
  statesUpTo
} from './summary-state.ts'
import type { Tick } from './tick.ts'
import type { TopicPublishers } from './topic-publishers.ts'

/**
 * The process of a component and its summary state. away -> starting at its start second; starting -> up when
 * all start-up events are published, one step per call of `advance`; up -> ending by exitControl, and two
 * seconds later away again; away -> starting after
 * `restartSeconds`, as a cluster restarts a process that ended. Cameras stay up in OFFLINE, since they have
 * enterControl.
 */
type Phase =
  | { readonly kind: 'away'; readonly until: number }
  | { readonly kind: 'starting'; readonly steps: Step[] }
  | { readonly kind: 'up' }
  | { readonly kind: 'ending'; readonly at: number }

type Step = (at: Tick) => void

/** The process of a component and its summary state, from its start to exitControl and back. */
export interface Lifecycle {
  state(): SummaryState
  /** True while the process runs: it sends heartbeats and answers. */
  running(): boolean
  advance(at: Tick): void
  /** Executes a state command and publishes its events; false where the state forbids it. */
  change(command: StateCommand, params: Readonly<Record<string, unknown>>, at: Tick): boolean
  fault(code: number, report: string, at: Tick): void
  setLogLevel(level: number, subsystem: string, at: Tick): void
}

/** `startSeconds`, by the ticks of the simulator, is when the process starts. */
export interface LifecycleOptions {
  readonly csc: string
  readonly index: number
  readonly definition: Definition
  readonly publishers: TopicPublishers
  readonly model: Model
  readonly seed: number
  readonly startSeconds: number
  readonly firstState: SummaryState
  readonly restartSeconds: number
}

const END_SECONDS = 2
// Events published per step while starting, so that a component with many events takes a few seconds instead
// of one burst.
const EVENTS_PER_STEP = 4

/** Creates the lifecycle of a component whose process starts at `startSeconds`. */
export function createLifecycle(options: LifecycleOptions): Lifecycle {
  const { definition, publishers, model } = options
  const staysOffline = definition.commands.has('enterControl')
  let phase: Phase = { kind: 'away', until: options.startSeconds }
  let state: SummaryState = SUMMARY.OFFLINE
  let first = options.firstState

  const enter = (next: SummaryState, at: Tick): void => {
    state = next
    if (definition.events.has('summaryState'))
      publishers.event('summaryState').put({ summaryState: next }, at)
    model.entered?.(next, at)
  }
  const setLogLevel = (level: number, subsystem: string, at: Tick): void =>
    void publishers.event('logLevel').put({ level, subsystem }, at)
  const applied = (override: string, at: Tick): void => {
    if (definition.events.has('configurationApplied'))
      publishers.event('configurationApplied').put(configurationOf(override), at)
  }

  return {
    state: () => state,
    running: () => phase.kind !== 'away',
    setLogLevel,
    advance(at) {
      if (phase.kind === 'away' && at.seconds >= phase.until) {
        const steps = startSteps({ ...options, first, enter, setLogLevel, applied })
        phase = { kind: 'starting', steps }
        // A restarted process waits in STANDBY for an operator.
        first = SUMMARY.STANDBY
      }
      if (phase.kind === 'starting') {
        phase.steps.shift()?.(at)
        if (phase.steps.length === 0) phase = { kind: 'up' }
      }
      if (phase.kind === 'ending' && at.seconds >= phase.at)
        phase = { kind: 'away', until: at.seconds + options.restartSeconds }
    },
    change(command, params, at) {
      const next = nextState(state, command)
      if (next === undefined) return false
      const wasFault = state === SUMMARY.FAULT
      if (command === 'start') applied(String(params['configurationOverride'] ?? ''), at)
      enter(next, at)
      if (wasFault) publishers.event('errorCode').put({ errorCode: 0, errorReport: '', traceback: '' }, at)
      if (command === 'exitControl' && !staysOffline) phase = { kind: 'ending', at: at.seconds + END_SECONDS }
      return true
    },
    fault(errorCode, errorReport, at) {
      if (state === SUMMARY.FAULT || phase.kind === 'away') return
      publishers.event('errorCode').force({ errorCode, errorReport, traceback: '' }, at)
      publishers.event('logMessage').put(
        {
          name: options.csc,
          level: LEVEL.critical,
          message: `Fault! errorCode=${errorCode}, ${errorReport}`
        },
        at
      )
      enter(SUMMARY.FAULT, at)
    }
  }
}

interface StartOptions extends LifecycleOptions {
  readonly first: SummaryState
  enter(state: SummaryState, at: Tick): void
  setLogLevel(level: number, subsystem: string, at: Tick): void
  applied(override: string, at: Tick): void
}

/** The events of a start-up, in the order of a real component [docs/sal.md#states]. */
function startSteps(o: StartOptions): Step[] {
  const { publishers, definition } = o
  const say = (message: string, at: Tick): void =>
    publishers.event('logMessage').force({ name: o.csc, level: LEVEL.info, message }, at)
  const event = (topic: string, values: Readonly<Record<string, unknown>>): Step[] =>
    definition.events.has(topic) ? [at => publishers.event(topic).force(values, at)] : []
  const states = statesUpTo(o.first).filter(() => definition.events.has('summaryState'))
  return [
    at => {
      o.setLogLevel(LEVEL.info, '', at)
      say(`${o.csc} starts with index ${o.index}`, at)
    },
    at => {
      publishers.heartbeat().send(at)
      for (const step of event('simulationMode', { mode: 1 })) step(at)
    },
    ...event('softwareVersions', {
      salVersion: '',
      xmlVersion: '28.0.1',
      cscVersion: versionOf(o.csc, o.seed),
      subsystemVersions: ''
    }),
    ...states.slice(0, 1).map(
      (state): Step =>
        at =>
          o.enter(state, at)
    ),
    ...event('errorCode', { errorCode: 0, errorReport: '', traceback: '' }),
    ...event('configurationsAvailable', availableOf(o.csc)),
    ...states.slice(1).map(
      (state): Step =>
        at => {
          if (state === SUMMARY.DISABLED) o.applied('', at)
          o.enter(state, at)
        }
    ),
    at => say(`${o.csc} is in ${stateName(states.at(-1) ?? SUMMARY.ENABLED)}`, at),
    ...ownEventSteps(o)
  ]
}

function ownEventSteps({ definition, publishers, model, seed, csc, index }: StartOptions): Step[] {
  const notAtStart = new Set(model.notAtStart)
  const topics = [...definition.events.values()].filter(
    topic => !topic.generic && !notAtStart.has(topic.name) && !HAPPENING.test(topic.name)
  )
  const steps = topics.map(
    (topic): Step =>
      at => {
        const publisher = publishers.event(topic.name)
        createGenericFill(topic, definition, hashOf(`${csc}:${index}`, seed))(publisher.values, at)
        publisher.put(model.events?.[topic.name] ?? {}, at)
      }
  )
  return Array.from({ length: Math.ceil(steps.length / EVENTS_PER_STEP) }, (_, i): Step => {
    const some = steps.slice(i * EVENTS_PER_STEP, (i + 1) * EVENTS_PER_STEP)
    return at => {
      for (const step of some) step(at)
    }
  })
}

// Events about an occurrence and not a state: publishing them at start would be untrue.
const HAPPENING = /^(error|warning|fault|notification)$|strike|rejection|Canceled|fileTransfer|LFO/i

const versionOf = (csc: string, seed: number): string => {
  const random = createRandom(hashOf(csc, seed))
  return `${Math.floor(random() * 3)}.${Math.floor(random() * 20)}.${Math.floor(random() * 8)}`
}

const configurationUrl = 'https://github.com/lsst-ts/ts_config'

const availableOf = (csc: string): Readonly<Record<string, unknown>> => ({
  overrides: `${csc.toLowerCase()}_night.yaml,${csc.toLowerCase()}_day.yaml`,
  version: 'v0.28.0-simulated',
  url: configurationUrl,
  schemaVersion: 'v5'
})

const configurationOf = (override: string): Readonly<Record<string, unknown>> => ({
  configurations: override === '' ? '_init.yaml,_summit.yaml' : `_init.yaml,_summit.yaml,${override}`,
  version: 'v0.28.0-simulated',
  url: configurationUrl,
  schemaVersion: 'v5',
  otherInfo: ''
})
