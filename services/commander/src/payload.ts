import { openPrincipal, type Principal } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import type { CommandPayload } from '@meridian/protocol/commands'

/** A request on `cmd.` after parsing. */
export interface Ask {
  readonly id: string | undefined
  readonly params: Readonly<Record<string, unknown>>
  readonly principal: Principal
  readonly door: string
  readonly notAfterSeconds: number
}

/** Largest payload of a command, bytes. */
export const MAX_PAYLOAD_BYTES = 65_536
/** Seconds from acceptance to the last moment of dispatch, where the asker names none. */
export const NOT_AFTER_SECONDS = 10
const MAX_NOT_AFTER_SECONDS = 3_600
const MAX_NAME = 200

const ULID = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/
const decoder = new TextDecoder('utf-8', { fatal: true })

const bad = (property: string, expected: string, got: unknown): AppError =>
  new AppError('CMD_BAD_REQUEST', {
    detail: `'${property}' is not ${expected}`,
    property,
    expected,
    got: briefly(got)
  })

/** A value as it may stand in an error: cut short. */
export function briefly(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : (JSON.stringify(value) ?? String(value))
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}

/** Parses the payload of a request on `cmd.`; an empty one asks without parameters. Throws CMD_BAD_REQUEST, CMD_BAD_ID. */
export function parsePayload(data: Uint8Array): Ask {
  const payload = readObject(data)
  return {
    id: idOf(payload['id']),
    params: paramsOf(payload['params']),
    principal: principalOf(payload['principal']),
    door: doorOf(payload['door']),
    notAfterSeconds: notAfterOf(payload['notAfterSeconds'])
  }
}

const KNOWN: ReadonlySet<string> = new Set<keyof CommandPayload>([
  'id',
  'params',
  'principal',
  'door',
  'notAfterSeconds'
])

function readObject(data: Uint8Array): Record<string, unknown> {
  if (data.length === 0) return {}
  if (data.length > MAX_PAYLOAD_BYTES)
    throw new AppError('CMD_BAD_REQUEST', {
      detail: `${data.length} bytes, at most ${MAX_PAYLOAD_BYTES}`,
      limitBytes: MAX_PAYLOAD_BYTES
    })
  const value = parseJson(data)
  if (!isObject(value)) throw new AppError('CMD_BAD_REQUEST', { detail: 'not a JSON object' })
  const stranger = Object.keys(value).find(key => !KNOWN.has(key))
  // A parameter beside `params` instead of inside would otherwise be dropped, and its default sent in its place.
  if (stranger !== undefined)
    throw new AppError('CMD_BAD_REQUEST', {
      detail: `no property '${stranger.slice(0, 60)}'; parameters stand inside 'params'`,
      property: stranger.slice(0, 60),
      known: [...KNOWN]
    })
  return value
}

function parseJson(data: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(data))
  } catch (cause) {
    const why = cause instanceof SyntaxError ? cause.message : 'not UTF-8'
    throw new AppError('CMD_BAD_REQUEST', { cause, detail: `not JSON: ${why.slice(0, 120)}` })
  }
}

/** A plain JSON object. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function idOf(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const id = typeof value === 'string' ? value.toLowerCase() : ''
  if (!ULID.test(id)) throw new AppError('CMD_BAD_ID', { detail: briefly(value) })
  return id
}

function paramsOf(value: unknown = {}): Record<string, unknown> {
  if (!isObject(value)) throw bad('params', 'a JSON object', value)
  return value
}

function principalOf(value: unknown): Principal {
  if (value === undefined) return openPrincipal
  if (typeof value === 'string') return { name: nameOf('principal', value), roles: [] }
  if (!isObject(value)) throw bad('principal', 'a name, or an object with name and roles', value)
  const { name, roles = [] } = value
  if (!Array.isArray(roles) || !roles.every(role => typeof role === 'string'))
    throw bad('principal.roles', 'an array of names', roles)
  return { name: nameOf('principal.name', name), roles }
}

const doorOf = (value: unknown = 'nats'): string => nameOf('door', value)

function nameOf(property: string, value: unknown): string {
  if (typeof value !== 'string' || value === '' || value.length > MAX_NAME)
    throw bad(property, `text of 1 to ${MAX_NAME} characters`, value)
  return value
}

function notAfterOf(value: unknown = NOT_AFTER_SECONDS): number {
  if (typeof value !== 'number' || !(value > 0 && value <= MAX_NOT_AFTER_SECONDS))
    throw bad('notAfterSeconds', `a number above 0, at most ${MAX_NOT_AFTER_SECONDS}`, value)
  return value
}
