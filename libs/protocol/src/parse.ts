import { AppError, briefly, type Code } from '@meridian/errors'
import { findProblem, isObject, type JsonObject, type Problem, type ValueSchema } from './schema.ts'
import { titleOf } from './title-of.ts'
import { findUnsafe } from './unsafe-value.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The JSON value that somebody sent. Throws `code` where there is none, or more than `maxBytes`. */
export function readJson(data: Uint8Array, code: Code, maxBytes = Number.POSITIVE_INFINITY): unknown {
  if (data.length > maxBytes)
    throw new AppError(code, { detail: `${data.length} bytes, at most ${maxBytes}`, limitBytes: maxBytes })
  try {
    return JSON.parse(decoder.decode(data))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'not UTF-8'
    throw new AppError(code, { cause, detail: `not JSON: ${why.slice(0, 120)}` })
  }
}

/** The JSON object that somebody sent; nothing at all is an empty one. Throws `code`. */
export function readJsonObject(data: Uint8Array, code: Code, maxBytes?: number): JsonObject {
  const value = data.length === 0 ? {} : readJson(data, code, maxBytes)
  if (!isObject(value)) throw new AppError(code, { detail: 'not a JSON object' })
  return value
}

/** `value` as what its shape describes; throws `code` with the first property that departs from it. */
export function parseAs<T>(schema: ValueSchema, value: unknown, code: Code): T {
  const problem = findProblem(schema, value)
  if (problem !== undefined) throw errorOf(problem, code)
  return value as T
}

/**
 * Throws `code` where `value` is nested beyond `maxDepth` or holds a key that reaches for the prototype;
 * `name` says what it is.
 */
export function assertSafe(
  value: unknown,
  { name, maxDepth }: { name: string; maxDepth: number },
  code: Code
): void {
  const reason = findUnsafe(value, maxDepth)
  if (reason !== undefined) throw new AppError(code, { detail: `'${name}' is ${reason}`, property: name })
}

function errorOf(problem: Problem, code: Code): AppError {
  const property = problem.property.slice(0, 80)
  const expected = titleOf(problem.expected)
  const facts = { expected, got: briefly(problem.got) }
  if (property === '') return new AppError(code, { detail: `not ${expected}`, ...facts })
  return new AppError(code, { detail: `'${property}' is not ${expected}`, property, ...facts })
}
