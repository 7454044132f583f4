import { AppError, briefly } from '@meridian/errors'
import { parseSubject, type Subject } from '@meridian/subjects'
import { exactJsonOf } from '../exact-json.ts'
import { objectSchema } from '../object-schema.ts'
import { parseAs, readExactJsonObject } from '../parse.ts'
import { isObject, type JsonObject, type TextSchema } from '../schema.ts'
import { type CommandBody, type CommandTarget, commandBodySchema, target } from './command-body.ts'
import { COMMAND_LIMITS, COMMAND_SIZES } from './limits.ts'
import { findParamsProblem } from './params-problem.ts'
import { commandId, commandParams, flag, notAfterSeconds, number } from './values.ts'

/** What is asked on `cmd.`: JSON, all of it optional. Nothing at all asks without parameters. */
export interface CommandPayload extends Omit<CommandBody, 'csc' | 'index' | 'command'> {
  /** Who asks: a name, or a name with roles. */
  readonly principal?: string | PrincipalClaim
  /** Which door it came through, such as `api`; default `nats`. */
  readonly door?: string
  /**
   * When the asker stops waiting for the answer, TAI seconds by the commanders' clocks [CommanderClock]: a
   * commander that reads the request later accepts nothing. Default: it waits for ever.
   */
  readonly acceptBy?: number
  /** Whether the asker wants the later stages on its reply subject; default true, as `nats req` shows them. */
  readonly stages?: boolean
}

/** The principal for whom a door sends a command, by name and roles. */
export interface PrincipalClaim {
  readonly name: string
  readonly roles?: readonly string[]
}

/** A request on `cmd.` after parsing, with defaults filled in. */
export interface CommandAsk {
  readonly id: string | undefined
  readonly params: JsonObject
  /** Undefined where the request names no principal. */
  readonly principal: Required<PrincipalClaim> | undefined
  readonly door: string
  readonly notAfterSeconds: number
  /** Undefined where the asker waits for ever. */
  readonly acceptBy: number | undefined
  readonly stages: boolean
}

const targetSchema = objectSchema<Omit<CommandTarget, 'site'>>({ required: target, optional: {} })

/** The name of a principal, a role or a door. */
const nameOfSomebody: TextSchema = {
  type: 'string',
  minLength: 1,
  maxLength: COMMAND_SIZES.nameLength
}

const principalClaim = objectSchema<PrincipalClaim>({
  required: { name: nameOfSomebody },
  optional: { roles: { type: 'array', items: nameOfSomebody, maxItems: COMMAND_SIZES.roles } }
})

type NamedPayload = Omit<CommandPayload, 'principal'> & { readonly principal?: PrincipalClaim }

const payloadSchema = objectSchema<NamedPayload>(
  {
    required: {},
    optional: {
      id: commandId,
      params: commandParams,
      principal: principalClaim,
      door: nameOfSomebody,
      notAfterSeconds,
      acceptBy: number,
      stages: flag
    }
  },
  // A parameter beside `params` instead of inside would otherwise be dropped, and its default sent in its
  // place.
  { additionalProperties: false }
)

/**
 * Parses what a client asks for; every door begins with it, so that one fault has one code: CMD_BAD_ID,
 * CMD_BAD_REQUEST for the form, CMD_BAD_PARAMETER for a parameter that would arrive as something else.
 */
export function parseCommandBody(value: unknown): CommandBody {
  if (!isObject(value)) throw new AppError(BAD, { detail: 'not a JSON object' })
  const { id, ...rest } = value
  const body = parseAs<CommandBody>(commandBodySchema, { ...rest, ...idOf(id) }, BAD)
  assertParams(body.params)
  return body
}

/** Parses a request on `cmd.`. Throws as `parseCommandBody`, and CMD_TOO_LARGE. */
export function parseCommandPayload(data: Uint8Array): CommandAsk {
  assertSize(data.length)
  const { id, principal: who, ...rest } = readExactJsonObject(data, BAD)
  const principal = typeof who === 'string' ? { name: who } : who
  const payload = parseAs<NamedPayload>(payloadSchema, { ...rest, ...idOf(id), principal }, BAD)
  const { params = {}, door = 'nats' } = payload
  assertParams(params)
  return {
    id: payload.id,
    params,
    principal: payload.principal && { roles: [], ...payload.principal },
    door,
    notAfterSeconds: payload.notAfterSeconds ?? COMMAND_LIMITS.defaultNotAfterSeconds,
    acceptBy: payload.acceptBy,
    stages: payload.stages ?? true
  }
}

/** Whom a request on `cmd.` is for, by its subject. Throws CMD_BAD_REQUEST. */
export function parseCommandTarget(subject: string): CommandTarget {
  const at = readTarget(subject)
  if (at?.class !== 'cmd') throw new AppError(BAD, { detail: `'${subject.slice(0, 80)}' names no command` })
  const { site, csc, index, command } = at
  parseAs(targetSchema, { csc, index, command }, BAD)
  return { site, csc, index, command }
}

/**
 * A request on `cmd.` as a door sends it, numbers in all their digits. Throws CMD_BAD_REQUEST and
 * CMD_BAD_PARAMETER where `params` cannot be sent as they are, and CMD_TOO_LARGE.
 */
export function encodeCommandPayload(payload: CommandPayload): string {
  assertParams(payload.params)
  const text = exactJsonOf(payload)
  assertSize(encoder.encode(text).length)
  return text
}

/**
 * Throws CMD_BAD_REQUEST or CMD_BAD_PARAMETER where parameters, of whichever component, would not arrive as
 * they were sent. With `bigints: false` for a component of which nothing says how it takes an integer beyond
 * 2^53.
 */
export function assertParams(params: JsonObject = {}, options?: { readonly bigints: boolean }): void {
  const problem = findParamsProblem(params, options)
  if (problem === undefined) return
  if (problem.kind === 'form')
    throw new AppError(BAD, { detail: `'params' is ${problem.reason}`, property: 'params' })
  const { parameter, expected } = problem
  const got = typeof problem.got === 'string' ? problem.got : briefly(problem.got)
  throw new AppError('CMD_BAD_PARAMETER', {
    detail: `'${parameter.slice(0, 80)}' should be ${expected}, not ${got.slice(0, 60)}`,
    problems: [{ parameter: parameter.slice(0, 120), expected, got: got.slice(0, 60) }]
  })
}

const BAD = 'CMD_BAD_REQUEST'
const encoder = new TextEncoder()
const ID = new RegExp(commandId.pattern as string)

function assertSize(bytes: number): void {
  const limitBytes = COMMAND_SIZES.payloadBytes
  if (bytes > limitBytes)
    throw new AppError('CMD_TOO_LARGE', { detail: `${bytes} bytes, at most ${limitBytes}`, limitBytes })
}

function idOf(value: unknown): { readonly id?: string } {
  if (value === undefined) return {}
  const id = typeof value === 'string' ? value.toLowerCase() : ''
  if (!ID.test(id)) throw new AppError('CMD_BAD_ID', { detail: briefly(value) })
  return { id }
}

function readTarget(subject: string): Subject | undefined {
  try {
    return parseSubject(subject)
  } catch {
    return undefined
  }
}
