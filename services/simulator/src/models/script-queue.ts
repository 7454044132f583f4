import { type Component as Definition, SCRIPTS_PER_QUEUE } from '@meridian/catalogue'
import { observingDayOf } from '@meridian/time'
import {
  type Call,
  type CommandTable,
  createModel,
  type Model,
  type ModelContext,
  type Params,
  type Work
} from '../model.ts'
import type { Outlet } from '../outlet.ts'
import { numberOf, numbersOf, refuse, textOf, truthOf } from '../refuse.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import { createTopicPublishers } from '../topic-publishers.ts'
import { createScript, SCRIPT_STATE, type Script, type ScriptRequest } from './script.ts'
import { createScriptEvents, externalScripts, type ScriptEvents, standardScripts } from './script-events.ts'
import {
  EMPTY,
  nextOf,
  PLACES,
  type ScriptList,
  scriptOf,
  withEnded,
  withMoved,
  withNext,
  withScript
} from './script-list.ts'

const STEP_TICKS = 5

/** What a queue needs to start Scripts; without their `definition` none can run. */
export interface ScriptQueueOptions {
  /** The catalogue's entry of the Script component. */
  readonly definition: Definition | undefined
  readonly outlet: Outlet
  readonly origin: number
}

/** A queue of scripts and the scripts that it runs. */
export interface ScriptQueue extends Model {
  /** Called by the night program: adds a script at the end of the queue. */
  add(request: ScriptRequest, at: Tick): void
  waiting(): number
  /** The script of this index while its process runs. */
  script(index: number): Script | undefined
}

/** Parts and state of a queue. */
interface Queue {
  readonly context: ModelContext
  readonly options: ScriptQueueOptions
  readonly events: ScriptEvents
  /** Scripts whose processes run, by index. */
  readonly alive: Map<number, Script>
  list: ScriptList
  /** Number of scripts that were launched. */
  launched: number
}

/**
 * Creates an empty queue: index 1 for the main telescope, 2 for the auxiliary, 3 for the whole observatory.
 */
export function createScriptQueue(context: ModelContext, options: ScriptQueueOptions): ScriptQueue {
  const events = createScriptEvents(context)
  const queue: Queue = { context, options, events, alive: new Map(), list: EMPTY, launched: 0 }
  return {
    ...createModel(queue, {
      step,
      stepTicks: STEP_TICKS,
      entered: (queue, _state, at) => publish(queue, at),
      commands,
      events: startEvents,
      notAtStart: ['queue', 'script', 'configSchema', 'nextVisit'],
      inAnyState: ['showQueue', 'showScript', 'showAvailableScripts', 'showSchema']
    }),
    script: index => queue.alive.get(index),
    waiting: () => queue.list.waiting.length,
    add(request, at) {
      if (context.state() === SUMMARY.ENABLED && !isFull(queue)) append(queue, request, { params: {}, at })
    }
  }
}

function step(queue: Queue, at: Tick): void {
  const { alive, events } = queue
  for (const script of [...alive.values()]) {
    script.advance(at)
    events.follow(script, at)
    if (!script.ended()) continue
    alive.delete(script.index)
    queue.list = withEnded(queue.list, script)
    events.ended(script, at)
    publish(queue, at)
  }
  runNext(queue, at)
}

function runNext(queue: Queue, at: Tick): void {
  if (queue.context.state() !== SUMMARY.ENABLED) return
  const next = nextOf(queue.list)
  if (next === undefined) return
  queue.list = withNext(queue.list)
  const group = new Date(Math.round(at.tai * 1000)).toISOString().slice(0, -1)
  queue.events.nextVisit(next, group, at)
  next.run(group, at)
  publish(queue, at)
}

const commands: CommandTable<Queue> = {
  add: (queue, call) => add(queue, requestFrom(call.params, call.at), call),
  requeue: (queue, call) => {
    const { request } = scriptOf(queue.list, numberOf(call.params, 'scriptSalIndex'))
    return add(queue, request, call)
  },
  move: (queue, { params, at }) => {
    queue.list = withMoved(queue.list, params['scriptSalIndex'], params)
    publish(queue, at)
  },
  pause: (queue, { at }) => setRunning(queue, false, at),
  resume: (queue, { at }) => setRunning(queue, true, at),
  stopScripts,
  showQueue: (queue, { at }) => publish(queue, at, true),
  showScript: ({ alive, list, events }, { params, at }) => {
    const index = numberOf(params, 'scriptSalIndex')
    events.show(alive.get(index) ?? scriptOf({ ...EMPTY, past: list.past }, index), at)
  },
  showAvailableScripts: ({ context }, { at }) => {
    context.event('availableScripts').force({}, at)
  },
  showSchema: ({ events }, { params, at }) => {
    events.schema(truthOf(params, 'isStandard'), textOf(params, 'path'), at)
  }
}

const isFull = ({ list }: Queue): boolean => list.waiting.length >= PLACES

/** Adds a script as `add` and `requeue` do; complete when the script is configured. */
function add(queue: Queue, request: ScriptRequest, call: Call): Work {
  if (isFull(queue)) throw refuse('the queue is full')
  if (!isKnown(request)) throw refuse(`no such script: ${request.path}`)
  const script = append(queue, request, call)
  return {
    seconds: 5,
    done: () => script.state() >= SCRIPT_STATE.CONFIGURED || script.ended(),
    result: () => String(script.index)
  }
}

const isKnown = ({ isStandard, path }: ScriptRequest): boolean =>
  (isStandard ? standardScripts : externalScripts).includes(path)

function append(queue: Queue, request: ScriptRequest, { params, at }: Omit<Call, 'abort'>): Script {
  const script = launch(queue, request, at)
  queue.list = withScript(queue.list, script, params)
  publish(queue, at)
  return script
}

/** Starts the process of a script. */
function launch(queue: Queue, request: ScriptRequest, at: Tick): Script {
  const { context, options, alive, events } = queue
  const index = context.index * SCRIPTS_PER_QUEUE + (queue.launched++ % SCRIPTS_PER_QUEUE)
  const place = { csc: 'Script', index }
  const publishers = createTopicPublishers({ ...options, place })
  const script = createScript({ index, request, publishers, seed: context.seed }, at)
  alive.set(index, script)
  events.started(script, at)
  return script
}

function stopScripts({ alive }: Queue, { params, at }: Call): Work {
  const indices = numbersOf(params, 'salIndices', numberOf(params, 'length', [0, PLACES]))
  const stopped = indices.flatMap(index => alive.get(index) ?? [])
  for (const script of stopped) truthOf(params, 'terminate') ? script.terminate(at) : script.stop(at)
  return { seconds: 5, done: () => stopped.every(script => script.ended()) }
}

function setRunning(queue: Queue, running: boolean, at: Tick): undefined {
  queue.list = { ...queue.list, running }
  publish(queue, at)
}

function publish({ context, events, list }: Queue, at: Tick, force = false): undefined {
  const enabled = context.state() === SUMMARY.ENABLED
  events.queue({ enabled, ...list }, { at, force })
}

const startEvents = {
  availableScripts: { standard: standardScripts.join(':'), external: externalScripts.join(':') },
  rootDirectories: { standard: '/opt/ts_standardscripts', external: '/opt/ts_externalscripts' }
}

const requestFrom = (params: Params, at: Tick): ScriptRequest => ({
  path: textOf(params, 'path'),
  isStandard: truthOf(params, 'isStandard'),
  config: textOf(params, 'config'),
  descr: textOf(params, 'descr'),
  logLevel: numberOf(params, 'logLevel'),
  pauseCheckpoint: textOf(params, 'pauseCheckpoint'),
  stopCheckpoint: textOf(params, 'stopCheckpoint'),
  block: textOf(params, 'block'),
  blockSize: numberOf(params, 'blockSize'),
  executionId: textOf(params, 'executionId') || `${textOf(params, 'block')}-${observingDayOf(at.tai)}`
})

/** The commands of a script itself, `exec.<site>.Script.<index>.<command>`. */
export function scriptCommand(
  script: Script,
  command: string,
  { params, at }: { params: Params; at: Tick }
): void {
  if (command === 'stop') script.stop(at)
  else if (command === 'resume') script.resume(at)
  else if (command === 'setCheckpoints')
    script.setCheckpoints(textOf(params, 'pause'), textOf(params, 'stop'), at)
  else throw refuse(`a running script does not take ${command}`)
}
