import type { Params } from '../model.ts'
import { numberOf, refuse } from '../refuse.ts'
import { SCRIPT_STATE, type Script } from './script.ts'

/** Length of a queue's arrays [docs/sal.md#script-queues]. */
export const PLACES = 400
const LOCATION = { FIRST: 1, LAST: 2, BEFORE: 3, AFTER: 4 } as const

/**
 * The scripts of a queue, newest past first. A script waits, becomes the current one when it is configured and
 * the queue runs, and is past when its process has ended; a failed one pauses the queue.
 */
export interface ScriptList {
  readonly waiting: readonly Script[]
  readonly current: Script | undefined
  readonly past: readonly Script[]
  /** False while the queue is paused: a script that runs goes on, none begins. */
  readonly running: boolean
}

/** The list of a queue at its start: it runs, and has no script. */
export const EMPTY: ScriptList = { waiting: [], current: undefined, past: [], running: true }

/** The list with one more script, at the place that the parameters of `add` say; refuses an unknown place. */
export function withScript(list: ScriptList, script: Script, params: Params): ScriptList {
  const waiting = [...list.waiting]
  waiting.splice(placeOf(list, params), 0, script)
  return { ...list, waiting }
}

function placeOf({ waiting }: ScriptList, params: Params): number {
  const location = numberOf(params, 'location') || LOCATION.LAST
  if (location === LOCATION.FIRST) return 0
  if (location !== LOCATION.BEFORE && location !== LOCATION.AFTER) return waiting.length
  const place = waiting.findIndex(({ index }) => index === params['locationSalIndex'])
  if (place < 0) throw refuse(`no script ${params['locationSalIndex']} on the queue`)
  return location === LOCATION.BEFORE ? place : place + 1
}

/** The list with a waiting script at another place; refuses one that does not wait. */
export function withMoved(list: ScriptList, index: unknown, params: Params): ScriptList {
  const script = list.waiting.find(one => one.index === index)
  if (script === undefined) throw refuse(`script ${index} is not waiting on the queue`)
  return withScript({ ...list, waiting: list.waiting.filter(one => one !== script) }, script, params)
}

/** The list after the process of a script has ended. */
export const withEnded = (list: ScriptList, script: Script): ScriptList => ({
  waiting: list.waiting.filter(one => one !== script),
  current: list.current === script ? undefined : list.current,
  past: [script, ...list.past].slice(0, PLACES),
  running: list.running && script.state() !== SCRIPT_STATE.FAILED
})

/** The script that begins now: the first one, when it is configured and nothing else runs. */
export function nextOf({ waiting, current, running }: ScriptList): Script | undefined {
  const head = waiting[0]
  const free = current === undefined && running
  return free && head?.state() === SCRIPT_STATE.CONFIGURED ? head : undefined
}

/** The list with its first waiting script as the current one. */
export const withNext = (list: ScriptList): ScriptList => ({
  ...list,
  waiting: list.waiting.slice(1),
  current: list.waiting[0]
})

/** The script of this index among past, waiting and current ones; refuses an unknown one. */
export function scriptOf({ past, waiting, current }: ScriptList, index: number): Script {
  const all = [...past, ...waiting, ...(current === undefined ? [] : [current])]
  const found = all.find(one => one.index === index)
  if (found === undefined) throw refuse(`no script ${index}`)
  return found
}
