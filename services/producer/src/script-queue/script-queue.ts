import type { Fields } from '@meridian/msgpack'
import { fieldsOf } from './sal-fields.ts'

// The state of one script queue, reduced from what the queue and its Scripts say [docs/sal.md#script-queues].
// Three documents come out of it:
//   state      the `queue` event with its arrays cut to their lengths
//   scripts    the current script, those that wait and the latest that are finished, each as one map
//   available  the scripts that can be asked for, as lists

/** The documents that a queue's state consists of. */
export const QUEUE_PARTS = ['state', 'scripts', 'available'] as const
/** One document of the queue's state, as published on its subject. */
export type QueuePart = (typeof QUEUE_PARTS)[number]

/** What changed a queue: a topic of ScriptQueue, or of the Script named. */
export interface QueueInput {
  readonly topic: string
  readonly scriptIndex: number | undefined
  readonly fields: Readonly<Fields>
  readonly sndStamp: number
}

/** Reduces the events of one queue and its scripts to the documents of its state. */
export interface ScriptQueue {
  /** Applies a live event. */
  apply(input: QueueInput): void
  /** Takes what a stream held from before; what was heard live is newer and stays. */
  restore(input: QueueInput): void
  /** Documents that changed since the last call, with the stamp of what changed them last. */
  takeChanges(): ReadonlyMap<QueuePart, QueueDocument>
  /**
   * Scripts that the documents speak of, each once however often the queue's lists name it; what cannot be the
   * index of a script is left out. Empty as long as the lists are not known.
   */
  listed(): readonly number[]
}

/** One document and when its newest source was sent, TAI seconds. */
export interface QueueDocument {
  readonly fields: Fields
  readonly sndStamp: number
}

/** Finished scripts that the document of scripts holds; the queue's own lists hold up to 400. */
export const FINISHED_SCRIPTS = 50
// Scripts that no list names yet or any more: those that are being loaded, and what arrives late.
const MOST_UNLISTED = 200
// SAL's indices are signed integers of 32 bits.
const MAX_SCRIPT_INDEX = 0x7fffffff

interface Script {
  readonly index: number
  /** Latest fields by topic; ScriptQueue's own event under `script`. */
  readonly topics: Map<string, QueueInput>
}

interface Lists {
  readonly current: readonly number[]
  readonly waiting: readonly number[]
  readonly finished: readonly number[]
}

/** Makes the reduction of a queue of which nothing is known. */
export function createScriptQueue(): ScriptQueue {
  const own = new Map<string, QueueInput>()
  const scripts = new Map<number, Script>()
  const live = new Set<string>()
  const changed = new Map<QueuePart, number>()

  const put = (input: QueueInput): void => {
    const script = scriptIndexOf(input)
    if (script === undefined) own.set(input.topic, input)
    else topicsOf(scripts, script).set(input.topic, input)
    for (const part of partsOf(input.topic))
      changed.set(part, Math.max(changed.get(part) ?? 0, input.sndStamp))
  }

  return {
    apply(input) {
      live.add(keyOf(input))
      put(input)
      if (input.topic === 'queue') forgetUnlisted(scripts, live, listsOf(own.get('queue')))
    },
    restore(input) {
      if (!live.has(keyOf(input))) put(input)
    },
    takeChanges() {
      const lists = listsOf(own.get('queue'))
      const changes = new Map<QueuePart, QueueDocument>()
      for (const [part, sndStamp] of changed) {
        const fields = documentOf(part, own, lists, scripts)
        if (fields !== undefined) changes.set(part, { fields, sndStamp })
      }
      changed.clear()
      return changes
    },
    listed() {
      const { current, waiting, finished } = listsOf(own.get('queue'))
      return [...new Set([...current, ...waiting, ...finished])].filter(isScriptIndex)
    }
  }
}

const isScriptIndex = (index: number): boolean => index > 0 && index <= MAX_SCRIPT_INDEX

const scriptIndexOf = ({ topic, scriptIndex, fields }: QueueInput): number | undefined =>
  topic === 'script' ? fieldsOf(fields).integer('scriptSalIndex') : scriptIndex

const keyOf = (input: QueueInput): string => `${scriptIndexOf(input) ?? ''}.${input.topic}`

function partsOf(topic: string): readonly QueuePart[] {
  if (topic === 'queue') return ['state', 'scripts']
  return topic === 'availableScripts' ? ['available'] : ['scripts']
}

function topicsOf(scripts: Map<number, Script>, index: number): Map<string, QueueInput> {
  let script = scripts.get(index)
  if (script === undefined) {
    script = { index, topics: new Map() }
    scripts.set(index, script)
  }
  return script.topics
}

function forgetUnlisted(scripts: Map<number, Script>, live: Set<string>, lists: Lists): void {
  const listed = new Set([...lists.current, ...lists.waiting, ...lists.finished])
  const unlisted = [...scripts.keys()].filter(index => !listed.has(index))
  for (const index of unlisted.slice(0, Math.max(0, unlisted.length - MOST_UNLISTED))) {
    for (const topic of scripts.get(index)?.topics.keys() ?? []) live.delete(`${index}.${topic}`)
    scripts.delete(index)
  }
}

function listsOf(queue: QueueInput | undefined): Lists {
  if (queue === undefined) return { current: [], waiting: [], finished: [] }
  const fields = fieldsOf(queue.fields)
  const current = fields.integer('currentSalIndex')
  return {
    current: current > 0 ? [current] : [],
    waiting: fields.integers('salIndices').slice(0, fields.integer('length')),
    finished: fields
      .integers('pastSalIndices')
      .slice(0, Math.min(fields.integer('pastLength'), FINISHED_SCRIPTS))
  }
}

function documentOf(
  part: QueuePart,
  own: ReadonlyMap<string, QueueInput>,
  lists: Lists,
  scripts: ReadonlyMap<number, Script>
): Fields | undefined {
  const queue = own.get('queue')
  if (part === 'available') return availableOf(own.get('availableScripts'))
  if (queue === undefined) return undefined
  if (part === 'state') return stateOf(queue)
  const entriesOf = (indices: readonly number[]): Fields[] =>
    indices.map(index => entryOf(index, scripts.get(index)))
  return {
    current: entriesOf(lists.current),
    waiting: entriesOf(lists.waiting),
    finished: entriesOf(lists.finished)
  }
}

function stateOf(queue: QueueInput): Fields {
  const fields = fieldsOf(queue.fields)
  const length = fields.integer('length')
  const pastLength = fields.integer('pastLength')
  return {
    enabled: fields.boolean('enabled'),
    running: fields.boolean('running'),
    currentSalIndex: fields.integer('currentSalIndex'),
    length,
    salIndices: fields.integers('salIndices').slice(0, length),
    pastLength,
    pastSalIndices: fields.integers('pastSalIndices').slice(0, pastLength)
  }
}

function availableOf(available: QueueInput | undefined): Fields | undefined {
  if (available === undefined) return undefined
  const fields = fieldsOf(available.fields)
  const list = (name: string): string[] =>
    fields
      .text(name)
      .split(':')
      .filter(path => path !== '')
  return { standard: list('standard'), external: list('external') }
}

const TIMESTAMPS = [
  'timestampProcessStart',
  'timestampConfigureStart',
  'timestampConfigureEnd',
  'timestampRunStart',
  'timestampProcessEnd'
] as const

/** One script as one map: SAL's names, except where two topics use the same one. */
function entryOf(index: number, script: Script | undefined): Fields {
  const of = (topic: string) => fieldsOf(script?.topics.get(topic)?.fields ?? {})
  const queued = of('script')
  const state = of('state')
  const metadata = of('metadata')
  const description = of('description')
  const checkpoints = of('checkpoints')
  return {
    scriptSalIndex: index,
    path: queued.text('path'),
    isStandard: queued.boolean('isStandard'),
    processState: queued.integer('processState'),
    scriptState: scriptStateOf(script),
    ...Object.fromEntries(TIMESTAMPS.map(name => [name, queued.real(name)])),
    blockId: queued.text('blockId'),
    executionId: queued.text('executionId'),
    reason: state.text('reason'),
    groupId: state.text('groupId'),
    lastCheckpoint: state.text('lastCheckpoint'),
    numCheckpoints: state.integer('numCheckpoints'),
    totalCheckpoints: metadata.integer('totalCheckpoints'),
    expectedDuration: metadata.real('duration'),
    classname: description.text('classname'),
    description: description.text('description'),
    remotes: description.text('remotes'),
    pauseCheckpoints: checkpoints.text('pause'),
    stopCheckpoints: checkpoints.text('stop'),
    logLevel: of('logLevel').integer('level')
  }
}

/**
 * The Script says its state sooner, the queue still says it when the Script is gone: whichever spoke last.
 */
function scriptStateOf(script: Script | undefined): number {
  const queued = script?.topics.get('script')
  const own = script?.topics.get('state')
  if (own === undefined || (queued !== undefined && queued.sndStamp > own.sndStamp))
    return fieldsOf(queued?.fields ?? {}).integer('scriptState')
  return fieldsOf(own.fields).integer('state')
}
