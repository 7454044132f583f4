/** An api whose users log in with a password, asked as a program or a browser asks it. */
import type { LoggedInAnswer } from '@meridian/protocol/http'
import { type ServiceProcess, startSiteService, type TestNats } from '@meridian/testing'
import type { Test } from 'tap'
import { type Answer, get, openSite } from './harness.ts'
import { PASSWORD } from './local-users.ts'

/** What a request brings besides its path. */
interface Asked {
  readonly token?: string
  readonly cookie?: string
  readonly origin?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The door, and who has come through it. */
export interface UsersDoor {
  readonly nats: TestNats
  readonly api: ServiceProcess
  readonly address: string
  /** Every password and token that was used. */
  readonly secrets: Set<string>
  /** Asks as a program or a browser would. */
  ask<T>(method: string, path: string, asked?: Asked): Promise<Answer<T>>
  /** Begins a session of a program; throws what the door refuses. */
  logIn(name: string, password?: string): Promise<LoggedInAnswer>
}

// Each test logs in from an address of its own, as a proxy says: failures of one do not slow down the next.
let addresses = 0
/** The headers of a request from an address from which none came before. */
export const fromElsewhere = () => ({ 'x-forwarded-for': `198.51.100.${++addresses}` })

/** What an answer matches that refuses with a code. */
export const refused = (status: number, code: string) => ({ status, body: { error: { code } } })

/**
 * What of some secrets must stand in no log: the first part of a refresh token is the id of its session, that of an
 * access token its header.
 */
export const secretParts = (secrets: ReadonlySet<string>): readonly string[] =>
  [...secrets].flatMap(secret => (secret.includes('.') ? secret.split('.').slice(1) : [secret]))

/** What asks an api at its address. */
const askerOf =
  (address: string): UsersDoor['ask'] =>
  (method, path, asked = {}) => {
    const { token, cookie, origin, body, headers } = asked
    return get(address, path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(cookie !== undefined && { cookie }),
        ...(origin !== undefined && { origin }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers
      },
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
  }

/** Starts a site and its api; both end with the test. */
export async function openUsersDoor(t: Test): Promise<UsersDoor> {
  const { nats } = await openSite(t, { buckets: true })
  const api = await startSiteService('api', nats, {
    ...{ AUTH_MODE: 'local', TRUSTED_PROXIES: 'loopback', LOG_LEVEL: 'trace' },
    ALLOWED_ORIGINS: 'https://console.example'
  })
  t.teardown(() => api.stop())
  const ask = askerOf(api.address)
  const secrets = new Set([PASSWORD, 'wrong horse battery', 'staple battery horse'])
  return {
    ...{ nats, api, address: api.address, secrets, ask },
    async logIn(name, password = PASSWORD) {
      const body = { name, password, cookies: false }
      const answer = await ask<LoggedInAnswer>('POST', '/api/session', { body, headers: fromElsewhere() })
      if (answer.status !== 200) throw new Error(answer.body.error?.message)
      for (const secret of [answer.body.token, answer.body.refresh ?? '']) secrets.add(secret)
      return answer.body
    }
  }
}
