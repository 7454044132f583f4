import { OutOfRangeNumber } from '../exact-json.ts'
import { isObject, type JsonObject, joinPath } from '../schema.ts'
import { COMMAND_LIMITS } from './limits.ts'

/**
 * Why parameters cannot be sent as they are. `form`: they are nested too deeply or hold a forbidden name,
 * `reason` ends "… is"; `value`: one of them has no form in JSON and would arrive as something else,
 * `parameter` is its path, such as `offsets[2]`.
 */
export type ParamsProblem =
  | { readonly kind: 'form'; readonly reason: string }
  | { readonly kind: 'value'; readonly parameter: string; readonly expected: string; readonly got: unknown }

const LEAST_INTEGER = -(2n ** 63n)
const MOST_INTEGER = 2n ** 64n - 1n

/**
 * The first parameter that would not arrive as it was sent, whatever the component; undefined where all
 * would. An integer beyond 2^53 is a bigint; with `bigints: false` it is refused too, as nothing that a JSON
 * number carries.
 */
export const findParamsProblem = (
  params: JsonObject,
  { bigints = true }: { readonly bigints?: boolean } = {}
): ParamsProblem | undefined => findIn(params, COMMAND_LIMITS.paramsDepth, bigints)

function findIn(value: unknown, levels: number, bigints: boolean): ParamsProblem | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : wrong('a finite number', value)
    case 'bigint':
      return findInBigint(value, bigints)
    case 'object':
      return value === null ? undefined : findInObject(value, levels, bigints)
    default:
      return wrong('a JSON value', value)
  }
}

function findInBigint(value: bigint, bigints: boolean): ParamsProblem | undefined {
  if (!bigints) return wrong('an integer within 2^53, or text', value)
  const fits = value >= LEAST_INTEGER && value <= MOST_INTEGER
  return fits ? undefined : wrong('an integer of 64 bits', value)
}

function findInObject(value: object, levels: number, bigints: boolean): ParamsProblem | undefined {
  if (value instanceof OutOfRangeNumber) return wrong('a number that a double holds', value.text)
  const isList = Array.isArray(value)
  if (!isList && !isObject(value)) return wrong('a JSON value', 'bytes')
  if (levels === 0) return { kind: 'form', reason: 'nested too deeply' }
  return isList ? findInList(value, levels - 1, bigints) : findInProperties(value, levels - 1, bigints)
}

function findInList(list: readonly unknown[], levels: number, bigints: boolean): ParamsProblem | undefined {
  for (const [i, element] of list.entries()) {
    const problem = findIn(element, levels, bigints)
    if (problem !== undefined) return below(`[${i}]`, problem)
  }
  return undefined
}

function findInProperties(object: JsonObject, levels: number, bigints: boolean): ParamsProblem | undefined {
  for (const [key, value] of Object.entries(object)) {
    if (key === '__proto__') return { kind: 'form', reason: "not allowed to hold '__proto__'" }
    const problem = value === undefined ? undefined : findIn(value, levels, bigints)
    if (problem !== undefined) return below(key, problem)
  }
  return undefined
}

const wrong = (expected: string, got: unknown): ParamsProblem => ({
  kind: 'value',
  parameter: '',
  expected,
  got
})

/** The same problem as seen from one level up. */
function below(at: string, problem: ParamsProblem): ParamsProblem {
  if (problem.kind === 'form') return problem
  return { ...problem, parameter: joinPath(at, problem.parameter) }
}
