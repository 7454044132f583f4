import { queueOf, type Site, topicsOfPart } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { SourceTopic } from './sources/source-topic.ts'

// PRODUCE and EXCEPT are lists of topics that a process is assigned, separated by commas:
//   rest                         everything that EXCEPT does not name
//   MTMount:0   ESS:*   GIS      one instance; all instances of a component, in two spellings
//   MTM1M3:0{only:imsData|evt.detailedState}   MTM1M3:0{except:imsData}   part of an instance; `hb` is its heartbeat
//   part:mtm1m3-telemetry-01     a part of a split instance, as the site file has it
// A Script goes with its queue: whoever is assigned ScriptQueue:1 is assigned the Scripts 100000 to 199999.

/** Which topics a process publishes; what it is not assigned, another one publishes. */
export interface Assignment {
  has(topic: SourceTopic): boolean
  /** What a source must read to see all of it; `rest`: everything that is said at the site. */
  readonly selectors: 'rest' | readonly Selector[]
  /** Whether it reduces the state of this script queue. */
  hasQueue(index: number): boolean
}

/** Some instances of a component, or some of their topics. */
export interface Selector {
  readonly csc: string
  /** Index of one instance; undefined: all instances of the component. */
  readonly index: number | undefined
  /** Topics as `topic`, `tel.topic`, `evt.topic` or `hb`; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
}

interface AssignedTopics extends Selector {
  readonly except: ReadonlySet<string>
}

/** The parts of instances that several producers share, from the site file. */
export type PartsOf = () => Site['parts']

const REST = 'rest'
const ENTRY = /^([A-Za-z0-9_-]+)(?::(\d{1,10}|\*))?(?:\{(only|except):([A-Za-z0-9_.|-]+)\})?$/
const NOTHING: ReadonlySet<string> = new Set()

/** Reads PRODUCE and EXCEPT. Throws CFG_INVALID that names the entry. */
export function parseAssignment(produce: string, except: string, partsOf: PartsOf): Assignment {
  const text = produce.trim()
  if (text !== REST && except.trim() !== '')
    throw bad('EXCEPT', except, 'has a meaning with PRODUCE=rest only')
  return text === REST
    ? restOf(parseEntries('EXCEPT', except, partsOf))
    : listOf(parseEntries('PRODUCE', text, partsOf))
}

const bad = (setting: string, entry: string, why: string): AppError =>
  new AppError('CFG_INVALID', { detail: `${setting}: '${entry.trim()}' ${why}` })

function restOf(entries: readonly AssignedTopics[]): Assignment {
  const has = (topic: SourceTopic): boolean => !entries.some(entry => covers(entry, topic))
  return { has, selectors: 'rest', hasQueue: index => has(queueTopic(index)) }
}

function listOf(entries: readonly AssignedTopics[]): Assignment {
  if (entries.length === 0) throw bad('PRODUCE', '', 'names nothing')
  const has = (topic: SourceTopic): boolean => entries.some(entry => covers(entry, topic))
  const selectors = entries.flatMap(selectorsOf)
  return { has, selectors, hasQueue: index => has(queueTopic(index)) }
}

const queueTopic = (index: number): SourceTopic => ({ csc: 'ScriptQueue', index, kind: 'evt', name: 'queue' })

function parseEntries(setting: string, text: string, partsOf: PartsOf): AssignedTopics[] {
  const parts = text.split(/,(?![^{]*\})/).map(part => part.trim())
  return parts.filter(part => part !== '').flatMap(part => parseEntry(setting, part, partsOf))
}

function parseEntry(setting: string, text: string, partsOf: PartsOf): AssignedTopics[] {
  if (text.startsWith('part:')) return [partOf(setting, text, partsOf)]
  const [, csc, index, verb, names] = ENTRY.exec(text) ?? []
  if (csc === undefined || csc === REST)
    throw bad(
      setting,
      text,
      'is not CSC, CSC:index, CSC:* or part:name, with {only:a|b} or {except:a|b} after it'
    )
  const topics = names === undefined ? NOTHING : new Set(names.split('|'))
  return [
    {
      csc,
      index: index === undefined || index === '*' ? undefined : Number(index),
      only: verb === 'only' ? topics : undefined,
      except: verb === 'except' ? topics : NOTHING
    }
  ]
}

function partOf(setting: string, text: string, partsOf: PartsOf): AssignedTopics {
  const name = text.slice('part:'.length)
  for (const [instance, parts] of partsOf()) {
    const part = parts.find(part => part.name === name)
    if (part === undefined) continue
    const [csc = '', index] = instance.split(':')
    return { csc, index: Number(index), only: new Set(topicsOfPart(part)), except: NOTHING }
  }
  throw bad(setting, text, 'is not a part of any split component of the site')
}

function covers(entry: AssignedTopics, { csc, index, kind, name }: SourceTopic): boolean {
  if (csc === 'Script' && entry.csc === 'ScriptQueue' && entry.only === undefined)
    return entry.index === undefined || entry.index === queueOf(index)
  if (entry.csc !== csc || (entry.index !== undefined && entry.index !== index)) return false
  const named = (set: ReadonlySet<string>): boolean =>
    kind === 'hb' ? set.has('hb') : set.has(name) || set.has(`${kind}.${name}`)
  return (entry.only === undefined || named(entry.only)) && !named(entry.except)
}

/** A queue brings its Scripts, whose indices tell which queue is theirs. */
function selectorsOf({ csc, index, only }: AssignedTopics): Selector[] {
  const own = { csc, index, only }
  return csc === 'ScriptQueue' && only === undefined
    ? [own, { ...own, csc: 'Script', index: undefined }]
    : [own]
}
