import type { Component as Definition } from '@meridian/catalogue'
import { observingDayOf, utcMsOf } from '@meridian/time'
import type { Handler, Model, ModelContext, Params } from '../model.ts'
import { numberOf, numbersOf, refuse, textOf, truthOf } from '../refuse.ts'
import { SUMMARY } from '../summary-state.ts'
import type { Tick } from '../tick.ts'
import type { Publish } from '../topic-publisher.ts'
import { createTopicPublishers } from '../topic-publishers.ts'
import { createScript, SCRIPT_STATE, type Script, type ScriptRequest } from './script.ts'
import { createScriptEvents, externalScripts, standardScripts } from './script-events.ts'

/**
 * Range of the SAL indices of one queue's scripts, and the length of its arrays [docs/sal.md#script-queues].
 */
const SCRIPTS_PER_QUEUE = 100_000
const PLACES = 400
const LOCATION = { FIRST: 1, LAST: 2, BEFORE: 3, AFTER: 4 } as const

export interface ScriptQueueOptions {
  readonly site: string
  /** The catalogue's entry of the Script component. */
  readonly definition: Definition | undefined
  readonly publish: Publish
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

/**
 * Creates an empty queue: index 1 for the main telescope, 2 for the auxiliary, 3 for the whole observatory.
 */
export function createScriptQueue(context: ModelContext, options: ScriptQueueOptions): ScriptQueue {
  const first = context.index * SCRIPTS_PER_QUEUE
  const events = createScriptEvents(context)
  const alive = new Map<number, Script>()
  let waiting: Script[] = []
  let past: Script[] = []
  let current: Script | undefined
  let running = true
  let counter = 0
  let lastTick = -1

  const publish = (at: Tick, force = false): void =>
    events.queue(
      {
        enabled: context.state() === SUMMARY.ENABLED,
        running,
        current: current?.index ?? 0,
        waiting: waiting.map(script => script.index),
        past: past.map(script => script.index)
      },
      { at, force }
    )
  const launch = (request: ScriptRequest, at: Tick): Script => {
    const index = first + (counter++ % SCRIPTS_PER_QUEUE)
    const publishers = createTopicPublishers({
      place: { site: options.site, csc: 'Script', index },
      definition: options.definition,
      publish: options.publish,
      origin: options.origin
    })
    const script = createScript({ index, request, publishers, seed: context.seed }, at)
    alive.set(index, script)
    events.started(script, at)
    return script
  }
  const insert = (script: Script, params: Params): void => {
    const location = numberOf(params, 'location') || LOCATION.LAST
    const place = waiting.findIndex(({ index }) => index === params['locationSalIndex'])
    const relative = location === LOCATION.BEFORE || location === LOCATION.AFTER
    if (relative && place < 0) throw refuse(`no script ${params['locationSalIndex']} on the queue`)
    const to = {
      [LOCATION.FIRST]: 0,
      [LOCATION.LAST]: waiting.length,
      [LOCATION.BEFORE]: place,
      [LOCATION.AFTER]: place + 1
    }
    waiting.splice(to[location as keyof typeof to] ?? waiting.length, 0, script)
  }
  const queued = (index: unknown): Script => {
    const script = waiting.find(one => one.index === index)
    if (script === undefined) throw refuse(`script ${index} is not waiting on the queue`)
    return script
  }
  const add = (request: ScriptRequest, params: Params, at: Tick): ReturnType<Handler> => {
    if (waiting.length >= PLACES) throw refuse('the queue is full')
    if (!known(request)) throw refuse(`no such script: ${request.path}`)
    const script = launch(request, at)
    insert(script, params)
    publish(at)
    return {
      seconds: 5,
      done: () => script.state() >= SCRIPT_STATE.CONFIGURED || script.ended(),
      result: () => String(script.index)
    }
  }
  const end = (script: Script): void => {
    if (current === script) current = undefined
    waiting = waiting.filter(one => one !== script)
    past = [script, ...past].slice(0, PLACES)
    alive.delete(script.index)
    if (script.state() === SCRIPT_STATE.FAILED) running = false
  }
  const next = (at: Tick): void => {
    const head = waiting[0]
    if (current !== undefined || !running || context.state() !== SUMMARY.ENABLED) return
    if (head?.state() !== SCRIPT_STATE.CONFIGURED) return
    waiting = waiting.slice(1)
    current = head
    const group = new Date(utcMsOf(at.tai) + 37_000).toISOString().slice(0, -1)
    events.nextVisit(head, group, at)
    head.run(group, at)
    publish(at)
  }
  const advance = (at: Tick): void => {
    for (const script of [...alive.values()]) {
      script.advance(at)
      events.follow(script, at)
      if (!script.ended()) continue
      end(script)
      events.ended(script, at)
      publish(at)
    }
    next(at)
  }
  return {
    script: index => alive.get(index),
    waiting: () => waiting.length,
    add(request, at) {
      if (context.state() !== SUMMARY.ENABLED || waiting.length >= PLACES) return
      waiting.push(launch(request, at))
      publish(at)
    },
    advance(at) {
      if (at.tick - lastTick < 5) return
      lastTick = at.tick
      advance(at)
    },
    entered: (_state, at) => publish(at),
    notAtStart: ['queue', 'script', 'configSchema', 'nextVisit'],
    events: {
      availableScripts: { standard: standardScripts.join(':'), external: externalScripts.join(':') },
      rootDirectories: { standard: '/opt/ts_standardscripts', external: '/opt/ts_externalscripts' }
    },
    inAnyState: ['showQueue', 'showScript', 'showAvailableScripts', 'showSchema'],
    commands: {
      add: ({ params, at }) => add(requestFrom(params, at), params, at),
      move: ({ params, at }) => {
        const script = queued(params['scriptSalIndex'])
        const before = waiting
        waiting = waiting.filter(one => one !== script)
        try {
          insert(script, params)
        } catch (err) {
          waiting = before
          throw err
        }
        publish(at)
      },
      requeue: ({ params, at }) => {
        const index = numberOf(params, 'scriptSalIndex')
        const found = [...past, ...waiting, ...(current === undefined ? [] : [current])].find(
          one => one.index === index
        )
        if (found === undefined) throw refuse(`no script ${index}`)
        return add(found.request, params, at)
      },
      pause: ({ at }) => {
        running = false
        publish(at)
      },
      resume: ({ at }) => {
        running = true
        publish(at)
      },
      stopScripts: ({ params, at }) => {
        const length = numberOf(params, 'length', [0, PLACES])
        const indices = numbersOf(params, 'salIndices', length)
        const stopped = indices.flatMap(index => alive.get(index) ?? [])
        for (const script of stopped) truthOf(params, 'terminate') ? script.terminate(at) : script.stop(at)
        return { seconds: 5, done: () => stopped.every(script => script.ended()) }
      },
      showQueue: ({ at }) => {
        publish(at, true)
      },
      showScript: ({ params, at }) => {
        const index = numberOf(params, 'scriptSalIndex')
        const script = alive.get(index) ?? past.find(one => one.index === index)
        if (script === undefined) throw refuse(`no script ${index}`)
        events.show(script, at)
      },
      showAvailableScripts: ({ at }) => {
        context.event('availableScripts').force({}, at)
      },
      showSchema: ({ params, at }) => {
        events.schema(truthOf(params, 'isStandard'), textOf(params, 'path'), at)
      }
    }
  }
}

const known = ({ isStandard, path }: ScriptRequest): boolean =>
  (isStandard ? standardScripts : externalScripts).includes(path)

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
