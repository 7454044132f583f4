import { AppError, briefly, type Code } from '@meridian/errors'
import { parseExactJson } from './exact-json.ts'
import { findProblem, isObject, type JsonObject, type Problem, type ValueSchema } from './schema.ts'
import { titleOf } from './title-of.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/** The JSON value that somebody sent. Throws `code` where there is none, or more than `maxBytes`. */
export const readJson = (data: Uint8Array, code: Code, maxBytes?: number): unknown =>
  readWith(JSON.parse, data, { code, maxBytes })

/** The JSON object that somebody sent; nothing at all is an empty one. Throws `code`. */
export const readJsonObject = (data: Uint8Array, code: Code, maxBytes?: number): JsonObject =>
  objectOf(data.length === 0 ? {} : readJson(data, code, maxBytes), code)

/** As `readJsonObject`, with numbers as they were sent [parseExactJson]. */
export const readExactJsonObject = (data: Uint8Array, code: Code, maxBytes?: number): JsonObject =>
  objectOf(data.length === 0 ? {} : readWith(parseExactJson, data, { code, maxBytes }), code)

interface ReadOptions {
  readonly code: Code
  readonly maxBytes: number | undefined
}

function readWith(
  parse: (text: string) => unknown,
  data: Uint8Array,
  { code, maxBytes = Number.POSITIVE_INFINITY }: ReadOptions
): unknown {
  if (data.length > maxBytes)
    throw new AppError(code, { detail: `${data.length} bytes, at most ${maxBytes}`, limitBytes: maxBytes })
  try {
    return parse(decoder.decode(data))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'not UTF-8'
    throw new AppError(code, { cause, detail: `not JSON: ${why.slice(0, 120)}` })
  }
}

function objectOf(value: unknown, code: Code): JsonObject {
  if (!isObject(value)) throw new AppError(code, { detail: 'not a JSON object' })
  return value
}

/** `value` as what its shape describes; throws `code` with the first property that departs from it. */
export function parseAs<T>(schema: ValueSchema, value: unknown, code: Code): T {
  const problem = findProblem(schema, value)
  if (problem !== undefined) throw errorOf(problem, code)
  return value as T
}

function errorOf(problem: Problem, code: Code): AppError {
  const property = problem.property.slice(0, 80)
  const expected = titleOf(problem.expected)
  const facts = { expected, got: briefly(problem.got) }
  if (property === '') return new AppError(code, { detail: `not ${expected}`, ...facts })
  return new AppError(code, { detail: `'${property}' is not ${expected}`, property, ...facts })
}
