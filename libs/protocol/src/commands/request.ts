import { AppError, briefly } from '@meridian/errors'
import { objectSchema } from '../object-schema.ts'
import { assertSafe, parseAs, readJsonObject } from '../parse.ts'
import type { JsonObject } from '../schema.ts'
import { COMMAND_LIMITS } from './limits.ts'
import { commandId, commandParams, nameOfSomebody, notAfterSeconds } from './values.ts'

/** What is asked on `cmd.`: JSON, all of it optional. Nothing at all asks without parameters. */
export interface CommandPayload {
  /** ULID; the commander makes one where the door gave none. Upper case is taken and kept in lower case. */
  readonly id?: string
  readonly params?: JsonObject
  /** Who asks: a name, or a name with roles. */
  readonly principal?: string | PrincipalClaim
  /** Which door it came through, such as `api`; default `nats`. */
  readonly door?: string
  /** Seconds from acceptance after which it is not sent any more; default 10, at most 3600. */
  readonly notAfterSeconds?: number
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
}

const principalClaim = objectSchema<PrincipalClaim>({
  required: { name: nameOfSomebody },
  optional: { roles: { type: 'array', items: nameOfSomebody, maxItems: COMMAND_LIMITS.roles } }
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
      notAfterSeconds
    }
  },
  // A parameter beside `params` instead of inside would otherwise be dropped, and its default sent in its
  // place.
  { additionalProperties: false }
)

/** Parses a request on `cmd.`. Throws CMD_BAD_REQUEST, or CMD_BAD_ID where the id is wrong. */
export function parseCommandPayload(data: Uint8Array): CommandAsk {
  const { id: givenId, principal: who, ...rest } = readJsonObject(data, BAD, COMMAND_LIMITS.payloadBytes)
  const id = readId(givenId)
  const principal = typeof who === 'string' ? { name: who } : who
  const payload = parseAs<NamedPayload>(payloadSchema, { ...rest, id, principal }, BAD)
  const { params = {}, door = 'nats' } = payload
  assertSafe(params, PARAMS, BAD)
  return {
    id,
    params,
    principal: payload.principal && { roles: [], ...payload.principal },
    door,
    notAfterSeconds: payload.notAfterSeconds ?? COMMAND_LIMITS.defaultNotAfterSeconds
  }
}

/**
 * A request on `cmd.` as a door sends it. Throws CMD_BAD_REQUEST where `params` are nested too deeply to be
 * written.
 */
export function encodeCommandPayload(payload: CommandPayload): string {
  assertSafe(payload.params, PARAMS, BAD)
  return JSON.stringify(payload)
}

const BAD = 'CMD_BAD_REQUEST'
const PARAMS = { name: 'params', maxDepth: COMMAND_LIMITS.paramsDepth }
const ID = new RegExp(commandId.pattern as string)

function readId(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const id = typeof value === 'string' ? value.toLowerCase() : ''
  if (!ID.test(id)) throw new AppError('CMD_BAD_ID', { detail: briefly(value) })
  return id
}
