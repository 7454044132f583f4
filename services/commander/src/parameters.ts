import type { Component, Enumeration, Field, Topic } from '@meridian/catalogue'
import { AppError, briefly } from '@meridian/errors'
import type { SalType } from '@meridian/msgpack'
import { assertParams, INTEGER_RANGES, isBeyondFloat } from '@meridian/protocol/commands'

/** Parameters by name, as they were asked for or as they are sent. */
type Params = Readonly<Record<string, unknown>>

/** Parameters as the component receives them: all fields of the command, in their types. */
export interface CheckedParams {
  readonly params: Params
  /** Names of the parameters that the request left out and that got a default. */
  readonly defaults: readonly string[]
}

/** Why one parameter was refused: what was expected and what it was, in words. */
interface ParameterProblem {
  readonly parameter: string
  readonly expected: string
  readonly got: string
}

const LABELS_SHOWN = 30

/**
 * Checks the parameters of a command against the catalogue: enumeration labels become values, what is left
 * out gets its value from `defaults`, and SAL's default otherwise. Throws CMD_BAD_PARAMETER that names every
 * wrong one with what was expected.
 */
export function checkParameters(
  command: Topic,
  component: Component,
  given: Params,
  defaults: Params = {}
): CheckedParams {
  const problems: ParameterProblem[] = []
  const params: Record<string, unknown> = {}
  for (const field of command.fields) {
    const from = Object.hasOwn(given, field.name) ? given : defaults
    if (!Object.hasOwn(from, field.name)) {
      params[field.name] = defaultOf(field)
      continue
    }
    const enumeration = field.enumeration && component.enumerations.get(field.enumeration)
    const value = checkedOf(field, enumeration || undefined, from[field.name])
    if (value === undefined) problems.push(problemOf(field, enumeration || undefined, from[field.name]))
    else params[field.name] = value
  }
  problems.push(...strangers(command, given))
  if (problems.length > 0) throw badParameters(command, problems)
  return { params, defaults: leftOut(params, given) }
}

/**
 * Parameters of a component that no catalogue knows go to it as they are. Throws CMD_BAD_PARAMETER for an
 * integer beyond 2^53: as a number of JSON it could arrive as another one, as text it must be asked for.
 */
export function checkUncatalogued(given: Params, defaults: Params = {}): CheckedParams {
  assertParams(given, { bigints: false })
  const params = { ...defaults, ...given }
  return { params, defaults: leftOut(params, given) }
}

const leftOut = (params: Params, given: Params): string[] =>
  Object.keys(params).filter(name => !Object.hasOwn(given, name))

function strangers(command: Topic, given: Params): ParameterProblem[] {
  const unknown = Object.keys(given).filter(name => !command.fields.some(field => field.name === name))
  if (unknown.length === 0) return []
  const names = command.fields.map(field => field.name)
  const expected = names.length === 0 ? 'no parameters' : `one of ${names.join(', ')}`
  return unknown.map(name => ({ parameter: name.slice(0, 120), expected, got: briefly(given[name]) }))
}

function badParameters(command: Topic, problems: readonly ParameterProblem[]): AppError {
  const [first] = problems
  const isStranger = !command.fields.some(({ name }) => name === first?.parameter)
  const wrong = isStranger
    ? `'${first?.parameter}' is not known; expected: ${first?.expected}`
    : `'${first?.parameter}' should be ${first?.expected}, not ${first?.got}`
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  return new AppError('CMD_BAD_PARAMETER', {
    detail: `${wrong}${more}`,
    command: `${command.csc}.${command.name}`,
    problems: problems.slice(0, 50)
  })
}

function defaultOf(field: Field): unknown {
  const one = { boolean: false, string: '' }[field.type as string] ?? 0
  return field.count > 1 ? new Array(field.count).fill(one) : one
}

/** The value in its type, or undefined where it is not one. */
function checkedOf(field: Field, enumeration: Enumeration | undefined, given: unknown): unknown {
  if (field.count <= 1) return scalarOf(field.type, enumeration, given)
  if (!Array.isArray(given) || given.length !== field.count) return undefined
  const values = given.map(one => scalarOf(field.type, enumeration, one))
  return values.includes(undefined) ? undefined : values
}

function scalarOf(type: SalType, enumeration: Enumeration | undefined, given: unknown): unknown {
  if (enumeration !== undefined) return enumeratedOf(type, enumeration, given)
  return plainOf(type, given)
}

function enumeratedOf(type: SalType, enumeration: Enumeration, given: unknown): unknown {
  const { items, bitmask } = enumeration
  const item = items.find(({ name, value }) => value === given || name === given)
  if (item !== undefined) return item.value
  return bitmask === true && typeof given === 'number' ? bitsOf(type, enumeration, given) : undefined
}

function bitsOf(type: SalType, { items }: Enumeration, given: number): unknown {
  const bits = plainOf(type, given)
  if (bits === undefined) return undefined
  const all = items.reduce((sum, { value }) => sum | BigInt(value), 0n)
  return (BigInt(given) & ~all) === 0n ? bits : undefined
}

function plainOf(type: SalType, given: unknown): unknown {
  if (type === 'boolean') return typeof given === 'boolean' ? given : undefined
  if (type === 'string') return typeof given === 'string' ? given : undefined
  const range = INTEGER_RANGES[type]
  return range === undefined ? floatOf(type, given) : integerOf(range, given)
}

/** Beyond 2^53 an integer comes as a bigint or as text, and goes on as text: JSON numbers cannot carry it. */
function integerOf([least, most]: readonly [bigint, bigint], given: unknown): unknown {
  const value = most > 4_294_967_295n ? wideOf(given) : given
  if (typeof value === 'number' ? !Number.isSafeInteger(value) : typeof value !== 'bigint') return undefined
  const whole = BigInt(value as number | bigint)
  if (whole < least || whole > most) return undefined
  const number = Number(whole)
  return Number.isSafeInteger(number) ? number : String(whole)
}

const wideOf = (given: unknown): unknown =>
  typeof given === 'string' && /^-?\d{1,19}$/.test(given) ? BigInt(given) : given

function floatOf(type: SalType, given: unknown): unknown {
  const value = typeof given === 'bigint' && BigInt(Number(given)) === given ? Number(given) : given
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined
  return type === 'float' && isBeyondFloat(value) ? undefined : value
}

function problemOf(field: Field, enumeration: Enumeration | undefined, given: unknown): ParameterProblem {
  const one = enumeration === undefined ? plainText(field) : enumerationText(enumeration)
  const array = field.count > 1
  const length = array && Array.isArray(given) && given.length !== field.count
  return {
    parameter: field.name,
    expected: array ? `array of ${field.count} ${one}` : one,
    got: length ? `array of ${given.length}` : briefly(given)
  }
}

function plainText({ type, units }: Field): string {
  const range = INTEGER_RANGES[type]
  const unit = units === '' ? '' : ` in ${units}`
  return range === undefined ? `${type}${unit}` : `${type}${unit}, ${range[0]} to ${range[1]}`
}

function enumerationText({ name, items, bitmask }: Enumeration): string {
  const shown = items.slice(0, LABELS_SHOWN).map(item => `${item.name}=${item.value}`)
  const more = items.length > LABELS_SHOWN ? ', ...' : ''
  return `${bitmask ? 'bits' : 'one'} of ${name}: ${shown.join(', ')}${more}`
}
