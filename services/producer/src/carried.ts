import type { Site } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'

// PRODUCE and EXCEPT are lists of what a process carries, separated by commas:
//   rest                         everything that EXCEPT does not name
//   MTMount:0   ESS:*   GIS      one instance; all instances of a component, in two spellings
//   MTM1M3:0{only:imsData|evt.detailedState}   MTM1M3:0{except:imsData}   part of an instance; `hb` is its heartbeat
//   part:mtm1m3-telemetry-01     a part of a split instance, as the site file has it
// A Script belongs to its queue: ScriptQueue:1 carries the Scripts 100000 to 199999.

/** How a topic is told: the class of its raw subject. */
export type RawKind = 'tel' | 'evt' | 'hb'

/** A topic of an instance as its raw subject names it; the topic of a heartbeat is `hb`. */
export interface RawTopic {
  readonly csc: string
  readonly index: number
  readonly kind: RawKind
  readonly topic: string
}

/** What a process carries: which topics, and which subjects below `raw.<site>.` to subscribe for them. */
export interface Carried {
  has(topic: RawTopic): boolean
  readonly filters: readonly string[]
  /** Indices of the queues whose state this process reduces: listed ones, or 'all' that it meets. */
  carriesQueue(index: number): boolean
}

interface Entry {
  readonly csc: string
  readonly index: number | undefined
  /** Topics by `topic`, `tel.topic`, `evt.topic` or `hb`; undefined: all. */
  readonly only: ReadonlySet<string> | undefined
  readonly except: ReadonlySet<string>
}

/** What the parts of split instances are; without it `part:` is refused. */
export type SplitOf = () => Site['parts']

const REST = 'rest'
const ENTRY = /^([A-Za-z0-9_-]+)(?::(\d{1,10}|\*))?(?:\{(only|except):([A-Za-z0-9_.|-]+)\})?$/
const NOTHING: ReadonlySet<string> = new Set()

/** Reads PRODUCE and EXCEPT. Throws CFG_INVALID that names the entry. */
export function parseCarried(produce: string, except: string, splitOf: SplitOf): Carried {
  const text = produce.trim()
  if (text !== REST && except.trim() !== '')
    throw bad('EXCEPT', except, 'has a meaning with PRODUCE=rest only')
  return text === REST
    ? restOf(parseEntries('EXCEPT', except, splitOf))
    : listOf(parseEntries('PRODUCE', text, splitOf))
}

const bad = (setting: string, entry: string, why: string): AppError =>
  new AppError('CFG_INVALID', { detail: `${setting}: '${entry.trim()}' ${why}` })

function restOf(entries: readonly Entry[]): Carried {
  const has = (topic: RawTopic): boolean => !entries.some(entry => covers(entry, topic))
  return { has, filters: ['>'], carriesQueue: index => has(queueTopic(index)) }
}

function listOf(entries: readonly Entry[]): Carried {
  if (entries.length === 0) throw bad('PRODUCE', '', 'names nothing')
  const has = (topic: RawTopic): boolean => entries.some(entry => covers(entry, topic))
  return {
    has,
    filters: [...new Set(entries.flatMap(filtersOf))],
    carriesQueue: index => has(queueTopic(index))
  }
}

const queueTopic = (index: number): RawTopic => ({ csc: 'ScriptQueue', index, kind: 'evt', topic: 'queue' })

function parseEntries(setting: string, text: string, splitOf: SplitOf): Entry[] {
  const parts = text.split(/,(?![^{]*\})/).map(part => part.trim())
  return parts.filter(part => part !== '').flatMap(part => parseEntry(setting, part, splitOf))
}

function parseEntry(setting: string, text: string, splitOf: SplitOf): Entry[] {
  if (text.startsWith('part:')) return [partOf(setting, text, splitOf)]
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

function partOf(setting: string, text: string, splitOf: SplitOf): Entry {
  const name = text.slice('part:'.length)
  for (const [instance, parts] of splitOf()) {
    const part = parts.find(part => part.name === name)
    if (part === undefined) continue
    const [csc = '', index] = instance.split(':')
    const only = new Set([...part.telemetry.map(topic => `tel.${topic}`), ...part.events.map(eventName)])
    return { csc, index: Number(index), only, except: NOTHING }
  }
  throw bad(setting, text, 'is not a part of any split component of the site')
}

// Sites list the heartbeat among the events, as SAL does.
const eventName = (topic: string): string => (topic === 'heartbeat' ? 'hb' : `evt.${topic}`)

function covers(entry: Entry, { csc, index, kind, topic }: RawTopic): boolean {
  if (csc === 'Script' && entry.csc === 'ScriptQueue' && entry.only === undefined)
    return entry.index === undefined || entry.index === queueOf(index)
  if (entry.csc !== csc || (entry.index !== undefined && entry.index !== index)) return false
  const names = (set: ReadonlySet<string>): boolean => set.has(topic) || set.has(`${kind}.${topic}`)
  return (entry.only === undefined || names(entry.only)) && !names(entry.except)
}

/** The queue that a Script belongs to [docs/sal.md#script-queues]. */
export const queueOf = (scriptIndex: number): number => Math.floor(scriptIndex / 100_000)

function filtersOf({ csc, index, only }: Entry): string[] {
  const instance = `${csc}.${index ?? '*'}`
  const own = only === undefined ? [`${instance}.>`] : [...only].flatMap(name => topicFilters(instance, name))
  return csc === 'ScriptQueue' && only === undefined ? [...own, 'Script.*.>'] : own
}

function topicFilters(instance: string, name: string): string[] {
  if (name === 'hb') return [`${instance}.hb`, `${instance}.evt.heartbeat`]
  return name.includes('.') ? [`${instance}.${name}`] : [`${instance}.tel.${name}`, `${instance}.evt.${name}`]
}
