import type { Component as Definition, Enumeration, Field, Topic } from '@meridian/catalogue'
import { utcMsOf } from '@meridian/time'
import type { Fill } from './model.ts'
import type { Values } from './outlet.ts'
import { isCounter, isTime, isTrouble } from './quantity.ts'
import { hashOf } from './random.ts'
import { tagOf, textValueOf } from './text-value.ts'
import type { Tick } from './tick.ts'
import { createWaveFill, isInteger } from './wave-fill.ts'

/** Writes the value of one field for a tick. */
type Source = (at: Tick, element: number) => unknown

/**
 * Writes every field of a topic but those of `except` with what a healthy observatory would say: smooth,
 * plausible for units and name, the same for the same seed at the same second.
 */
export function createGenericFill(
  topic: Topic,
  definition: Definition,
  seed: number,
  except: ReadonlySet<string> = new Set()
): Fill {
  const makeSetters = (): readonly Fill[] =>
    topic.fields
      .filter(field => !except.has(field.name))
      .map(field => setterOf(field, { topic, definition, seed: hashOf(`${topic.name}/${field.name}`, seed) }))
  // Made for the first message, so that an observatory of hundreds of components starts at once.
  let setters: readonly Fill[] | undefined
  return (values, at) => {
    setters ??= makeSetters()
    for (const set of setters) set(values, at)
  }
}

interface Setting {
  readonly topic: Topic
  readonly definition: Definition
  readonly seed: number
}

function setterOf(field: Field, setting: Setting): Fill {
  const { name, count } = field
  if (isNumeric(field) && !isTime(field) && !isFixed(field, setting)) return createWaveFill(field, setting)
  const source = sourceOf(field, setting)
  if (count === 1)
    return (values, at) => {
      values[name] = source(at, 0)
    }
  return (values, at) => {
    const array = arrayOf(values, name, count)
    for (let i = 0; i < count; i++) array[i] = source(at, i)
  }
}

const isNumeric = ({ type }: Field): boolean => type !== 'boolean' && type !== 'string'

const isFixed = (field: Field, { definition }: Setting): boolean =>
  (field.enumeration !== undefined && definition.enumerations.has(field.enumeration)) ||
  (isInteger(field) && (isCounter(field.name) || !hasUnits(field))) ||
  isCounter(field.name) ||
  isMilliseconds(field)

const hasUnits = ({ units }: Field): boolean => !/^(unitless|dimensionless|)$/i.test(units.trim())
const isMilliseconds = ({ name, type }: Field): boolean => type === 'int64' && /timestamp/i.test(name)

function sourceOf(field: Field, { topic, definition, seed }: Setting): Source {
  const enumeration =
    field.enumeration === undefined ? undefined : definition.enumerations.get(field.enumeration)
  if (enumeration !== undefined && field.type !== 'boolean')
    return constant(healthyValueOf(enumeration, field))
  if (field.type === 'boolean') return constant(!isTrouble(field.name) && !isTrouble(topic.name))
  if (field.tag === true) return tagSource(field.name, seed)
  if (field.type === 'string') return constant(textValueOf(field.name, topic, seed))
  if (isMilliseconds(field)) return at => Math.round(utcMsOf(at.tai))
  if (isTime(field)) return timeSource(field.name)
  if (isCounter(field.name)) return counterSource(field, seed)
  return constant(
    /error|fault|fail|warn|down|overflow|mask|status|code/i.test(field.name) ? 0 : 1 + (seed % 4)
  )
}

// Hours of UTC of sunrise, sunset and twilights on every simulated day; other bodies rise and set with the
// sun.
const DAILY: readonly (readonly [RegExp, number])[] = [
  [/sunset/i, 22.6],
  [/twilightEnd|astronomicalEvening/i, 24.1],
  [/twilightBegin|astronomicalMorning/i, 33],
  [/sunrise/i, 34.4],
  [/moonrise/i, 26],
  [/moonset/i, 37]
]

/** The next time (TAI seconds) of an hour of the day, or now for a field of another name. */
function timeSource(name: string): Source {
  const hour = DAILY.find(([like]) => like.test(name))?.[1]
  return at => (hour === undefined ? at.tai : Math.floor(at.tai / 86_400) * 86_400 + hour * 3600)
}

const constant =
  (value: unknown): Source =>
  () =>
    value

// Successive messages of a camera topic are about successive devices.
function tagSource(name: string, seed: number): Source {
  let row = seed % 3
  return () => tagOf(name, row++ % 3)
}

const CEILING: Readonly<Record<string, number>> = { byte: 100, short: 30_000, 'unsigned short': 60_000 }

function counterSource(field: Field, seed: number): Source {
  const start = seed % 5000
  const perSecond = /hour/i.test(field.name) ? 1 / 3600 : 1 + (seed % 3)
  const ceiling = CEILING[field.type] ?? 2 ** 31 - 1
  const integer = isInteger(field)
  return (at, element) => {
    const value = (start + 17 * element + perSecond * at.seconds) % ceiling
    return integer ? Math.floor(value) : value
  }
}

/** The item of an enumeration that a healthy component shows; 0 for a bit mask. */
function healthyValueOf({ items, bitmask }: Enumeration, { type }: Field): number | string {
  if (bitmask === true) return 0
  const healthy = items.find(item =>
    /^(enabled|on|ok|normal|nominal|ready|idle|connected|operational|none$|noerror)/i.test(item.name)
  )
  const harmless = items.find(
    item => !/fault|error|fail|unknown|lost|invalid|undetermined|warning|critical/i.test(item.name)
  )
  const value = (healthy ?? harmless ?? items[0])?.value ?? 0
  if (type === 'string') return String(value)
  return typeof value === 'number' ? value : 0
}

function arrayOf(values: Values, name: string, count: number): unknown[] {
  const known = values[name]
  if (Array.isArray(known) && known.length === count) return known
  const array = new Array<unknown>(count).fill(0)
  values[name] = array
  return array
}
