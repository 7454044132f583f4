import type {
  AuditAnswer,
  FirstUserBody,
  FirstWantedAnswer,
  LoggedInAnswer,
  LogInWayAnswer,
  MadePersonalTokenAnswer,
  NewPersonalTokenBody,
  NewUserBody,
  OwnPasswordBody,
  PersonalTokensAnswer,
  SessionsAnswer,
  UserAnswer,
  UserChangesBody,
  UsersAnswer
} from '@meridian/protocol/http'
import { RETURN_PAGE_MOST } from '@meridian/protocol/http'
import { getJson, sendJson } from '../api.ts'

const userPath = (name: string): string => `/api/users/${encodeURIComponent(name)}`

/** Logs in; the browser keeps the tokens in cookies that this page cannot read. */
export const logIn = (name: string, password: string): Promise<LoggedInAnswer> =>
  sendJson('POST', '/api/session', { name, password })

/** How one logs in here, and why the last log-in of this browser through a provider failed: told once. */
export const readLogInWay = (signal: AbortSignal): Promise<LogInWayAnswer> =>
  getJson('/api/session/way', signal)

/** Where a log-in through the provider begins; it comes back to this page. */
export function providerLogInHref({ pathname, search, hash }: Location): string {
  const page = `${pathname}${search}${hash}`
  return `/api/session/oidc?return=${encodeURIComponent(page.length <= RETURN_PAGE_MOST ? page : '/')}`
}

/** Where a log-out goes on to, so that the session at the provider ends too. */
export const PROVIDER_LOG_OUT_HREF = '/api/session/oidc/end'

/** Ends the session of this browser. */
export const logOut = (): Promise<void> => sendJson('DELETE', '/api/session', {})

/** Whether a first administrator is to be made, and others can log in; that one logs in where the api cannot say. */
export const readFirstWanted = (): Promise<FirstWantedAnswer> =>
  getJson<FirstWantedAnswer>('/api/users/first').catch(() => ONE_LOGS_IN)

/** What is offered until the api has said something else. */
export const ONE_LOGS_IN: FirstWantedAnswer = { wanted: false, others: true }

/** Makes the first administrator; throws AUT_BAD_FIRST_TOKEN where the token is used up or too old. */
export const makeFirst = (body: FirstUserBody): Promise<UserAnswer> =>
  sendJson('POST', '/api/users/first', body)

/** Own sessions; those of all for whoever may manage users. */
export const readSessions = (): Promise<SessionsAnswer> => getJson('/api/sessions')

/** Ends a session, one's own or another's; its connections end within a second. */
export const endSession = (id: string): Promise<void> =>
  sendJson('DELETE', `/api/sessions/${encodeURIComponent(id)}`)

/** Own tokens for programs; those of all for whoever may manage users. */
export const readPersonalTokens = (): Promise<PersonalTokensAnswer> => getJson('/api/tokens')

/** Makes a token for a program; its text is in this answer alone. */
export const makePersonalToken = (body: NewPersonalTokenBody): Promise<MadePersonalTokenAnswer> =>
  sendJson('POST', '/api/tokens', body)

/** Revokes a personal token; programs that use it are cut off within a second. */
export const revokePersonalToken = (id: string): Promise<void> =>
  sendJson('DELETE', `/api/tokens/${encodeURIComponent(id)}`)

/** Changes the own password, which ends all own sessions. */
export const changePassword = (body: OwnPasswordBody): Promise<void> =>
  sendJson('POST', '/api/me/password', body)

/** All users of the site, for whoever may manage them. */
export const readUsers = (): Promise<UsersAnswer> => getJson('/api/users')

/** A page of the audit, by the query of `GET /api/audit`. */
export const readAudit = (query: string): Promise<AuditAnswer> => getJson(`/api/audit?${query}`)

/** Makes a user; throws AUT_USER_EXISTS. */
export const makeUser = (body: NewUserBody): Promise<UserAnswer> => sendJson('POST', '/api/users', body)

/** Changes a user; what is not named stays. */
export const changeUser = (name: string, changes: UserChangesBody): Promise<UserAnswer> =>
  sendJson('PATCH', userPath(name), changes)

/** Removes a user, whose sessions and tokens end with him. */
export const removeUser = (name: string): Promise<void> => sendJson('DELETE', userPath(name))
