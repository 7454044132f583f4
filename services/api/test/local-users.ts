/** A site whose users log in with a password, asked by their tokens. */
import type { LoggedInAnswer } from '@meridian/protocol/http'
import { type ServiceProcess, startSiteService, type TestNats } from '@meridian/testing'
import type { Test } from 'tap'
import { type Answer, get, post } from './harness.ts'

/** The password of everybody. */
export const PASSWORD = 'correct horse battery'

/** Starts one of the services of a site; it ends with the test. */
export async function startLocal(t: Test, nats: TestNats, name: string): Promise<ServiceProcess> {
  const service = await startSiteService(name, nats, { AUTH_MODE: 'local', LOG_LEVEL: 'trace' })
  t.teardown(() => service.stop())
  return service
}

/** What an api is asked with: a token of either kind, or a password. */
export interface LocalApi {
  /** `at`: another api; default: this one. */
  ask<T>(method: string, path: string, token: string, body?: object, at?: ServiceProcess): Promise<Answer<T>>
  /** The access token of a new session. */
  logIn(name: string): Promise<string>
  /** Makes `root`, who may manage users, with the token that one of the apis has logged. */
  makeFirst(apis?: readonly ServiceProcess[]): Promise<void>
}

/** The headers of a request that brings a token, and a body of JSON where it has one. */
export const headersOf = (token: string, hasBody: boolean) => ({
  authorization: `Bearer ${token}`,
  ...(hasBody && { 'content-type': 'application/json' })
})

/** Asks this api. */
export function localApi(api: ServiceProcess): LocalApi {
  const { address } = api
  return {
    ask: (method, path, token, body, at = api) =>
      get(at.address, path, {
        method,
        headers: headersOf(token, body !== undefined),
        ...(body !== undefined && { body: JSON.stringify(body) })
      }),
    async logIn(name) {
      const body = { name, password: PASSWORD, cookies: false }
      return (await post<LoggedInAnswer>(address, '/api/session', body)).body.token
    },
    async makeFirst(apis = [api]) {
      const lines = apis.flatMap(one => one.lines).join('\n')
      const token = /"token":"([\w-]+)"/.exec(lines)?.[1] ?? ''
      await post(address, '/api/users/first', { token, name: 'root', password: PASSWORD })
    }
  }
}
