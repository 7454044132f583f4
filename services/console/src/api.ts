import type { WireError } from '@meridian/errors'
import { type CommandBody, type CommandHistory, exactJsonOf } from '@meridian/protocol/commands'
import type {
  AcceptedAnswer,
  CatalogueAnswer,
  CommandListAnswer,
  ComponentAnswer,
  EventsAnswer,
  HistoryAnswer,
  MeAnswer,
  SiteAnswer
} from '@meridian/protocol/http'

/** An answer of the HTTP api that is an error, or that never came. */
export class ApiError extends Error {
  readonly wire: WireError
  /** HTTP status; 0 where nothing came. */
  readonly status: number

  constructor(wire: WireError, status = 0) {
    super(wire.message)
    this.name = 'ApiError'
    this.wire = wire
    this.status = status
  }
}

/** Which history is asked for; times in TAI seconds. */
export interface HistoryQuery {
  readonly topic: string
  readonly field: string
  /** Of an element of an array field. */
  readonly index: number | undefined
  readonly from: number
  readonly to: number
  readonly points: number
}

const unreachable = (path: string, cause: unknown): ApiError =>
  new ApiError({
    code: 'CON_API_UNREACHABLE',
    message: `CON_API_UNREACHABLE: the api did not answer: ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
    canRetry: true
  })

function errorIn(body: unknown): WireError | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined
  const { error } = body
  if (typeof error !== 'object' || error === null || !('code' in error) || !('message' in error))
    return undefined
  return error as WireError
}

/** What a door answered, or that none did, as data. */
export function wireErrorOf(caught: unknown): WireError {
  if (caught instanceof ApiError) return caught.wire
  if (typeof caught === 'object' && caught !== null && 'code' in caught && 'message' in caught)
    return caught as WireError
  return { code: 'GEN_INTERNAL', message: String(caught), canRetry: false }
}

/** False where the api refused for good what was asked; what failed otherwise may be asked again. */
export const mayBeAskedAgain = (caught: unknown): boolean =>
  !(caught instanceof ApiError) || caught.wire.canRetry

/** Whether the api refused since whoever asks may not. */
export const isForbidden = (caught: unknown): caught is ApiError =>
  caught instanceof ApiError && caught.status === 403

/** What only reads may be asked again also where nobody knows whether it was done. */
export const mayBeReadAgain = (caught: unknown): boolean =>
  mayBeAskedAgain(caught) || (caught instanceof ApiError && caught.wire.code === 'NET_CONNECTION_LOST')

/** Asks the api for JSON; throws an ApiError with the code of its answer. */
export const getJson = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  askJson<T>(path, { signal: signal ?? null, headers: { accept: 'application/json' } })

/** Whether the api refused because nobody is logged in here, or not any more. */
export const isLoggedOut = (caught: unknown): boolean =>
  caught instanceof ApiError && caught.wire.code.startsWith('AUT_') && caught.status === 401

/** Sends a request with a JSON body, where there is one; undefined for an answer without any. */
export const sendJson = <T>(method: string, path: string, body: unknown = undefined): Promise<T> =>
  askJson<T>(path, {
    method,
    // A page that is left now still gets its cookies.
    keepalive: true,
    headers: {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' })
    },
    body: body === undefined ? null : JSON.stringify(body)
  })

async function askJson<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(path, init).catch((cause: unknown) => Promise.reject(unreachable(path, cause)))
  if (response.status === 204) return undefined as T
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok)
    throw new ApiError(errorIn(body) ?? unreachable(path, `HTTP ${response.status}`).wire, response.status)
  if (body === undefined) throw unreachable(path, 'answer is not JSON')
  return body as T
}

/** True for the answer that the catalogue has no such component, which no further question changes. */
export const isUnknownToApi = (caught: unknown): boolean =>
  caught instanceof ApiError && caught.wire.code === 'API_UNKNOWN_COMPONENT'

/** The site: its place and instances, headings, and what pages show first. */
export const readSite = (): Promise<SiteAnswer> => getJson('/api/site')

/** Who this page speaks for, and what the roles of the site allow. */
export const readMe = (): Promise<MeAnswer> => getJson('/api/me')

/** All of one component: topics, fields, commands, enumerations. */
export const readComponent = (csc: string): Promise<ComponentAnswer> =>
  getJson(`/api/catalogue/${encodeURIComponent(csc)}`)

/** Names of the components that the catalogue knows. */
export const readComponentNames = async (): Promise<ReadonlySet<string>> => {
  const body = await getJson<CatalogueAnswer>('/api/catalogue')
  return new Set(body.components.map(component => component.name))
}

/** The last commands to one instance on the record, newest first. */
export const readCommands = (csc: string, index: number, signal?: AbortSignal): Promise<CommandListAnswer> =>
  getJson(`/api/commands?${new URLSearchParams({ component: csc, index: String(index) })}`, signal)

/** An answer that takes longer than this is not waited for, ms: the question may be asked again. */
const POST_MS = 4000

/**
 * Asks for a command by the api. Asked again with the same id it is the same command, whichever way it went
 * before.
 */
export const postCommand = (
  command: CommandBody & { readonly id: string },
  signal: AbortSignal
): Promise<AcceptedAnswer> =>
  askJson('/api/commands', {
    method: 'POST',
    signal: AbortSignal.any([signal, AbortSignal.timeout(POST_MS)]),
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: exactJsonOf(command)
  })

/** What the answer waits for at most, seconds. */
const END_SECONDS = 10

/** One command on the record, once it has ended or after 10 s. */
export const awaitCommand = (id: string, signal: AbortSignal): Promise<CommandHistory> =>
  getJson(`/api/commands/${encodeURIComponent(id)}?wait=${END_SECONDS}`, signal)

/** One command on the record; undefined where the record has none of this id, so that none was accepted. */
export async function readCommand(id: string): Promise<CommandHistory | undefined> {
  try {
    return await getJson<CommandHistory>(`/api/commands/${encodeURIComponent(id)}`)
  } catch (caught) {
    if (caught instanceof ApiError && caught.wire.code === 'CMD_NOT_FOUND') return undefined
    throw caught
  }
}

/** The last events on the record that match any of the patterns, newest first. */
export function readEvents(
  patterns: readonly string[],
  limit: number,
  signal?: AbortSignal
): Promise<EventsAnswer> {
  const search = new URLSearchParams(patterns.map(pattern => ['pattern', pattern]))
  search.set('limit', String(limit))
  return getJson(`/api/events?${search}`, signal)
}

/** What is still held of one field. */
export function readHistory(query: HistoryQuery, signal?: AbortSignal): Promise<HistoryAnswer> {
  const search = new URLSearchParams({
    topic: query.topic,
    field: query.field,
    ...(query.index !== undefined && { index: String(query.index) }),
    from: query.from.toFixed(6),
    to: query.to.toFixed(6),
    points: String(query.points)
  })
  return getJson(`/api/history?${search}`, signal)
}
