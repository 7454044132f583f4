import { join } from 'node:path'
import type { ServiceProcess, TestNats } from '@meridian/testing'
import { freePort, startSiteService } from '@meridian/testing'
import { passProvider, startOidcProvider, type TestProvider } from '@meridian/testing/openid-provider'
import type { Test } from 'tap'
import { type Answer, get, SITE } from './harness.ts'

/** People of the provider, by their `sub`. */
export const people = {
  s1: { preferred_username: 'Ada', name: 'Ada L.', groups: ['night-crew'] } as Record<string, unknown>,
  s2: { preferred_username: 'root', name: 'Root', groups: ['chiefs', 'night-crew'] },
  s3: { preferred_username: 'eve', name: 'Eve', groups: ['visitors'] },
  s4: { preferred_username: 'bob@example.org', groups: ['night-crew'] },
  s5: { preferred_username: 'ada', name: 'Another Ada', groups: ['chiefs'] },
  s6: { preferred_username: 'local', name: 'Mallory', groups: ['chiefs'] },
  s7: { preferred_username: 'guest', groups: ['night-crew'] }
}

const ROLES = `roles:
  operator: { read: [">"], command: ["*.*"], groups: [night-crew] }
  administrator: { read: [">"], users: true, groups: [chiefs] }
`

/** A provider, and the settings by which an api knows it. */
export interface OidcWorld {
  readonly provider: TestProvider
  readonly settings: Readonly<Record<string, string>>
  startApi(more?: Readonly<Record<string, string>>): Promise<ServiceProcess>
}

/** Starts a provider; it ends with the test, as all apis do. */
export async function openOidc(t: Test, nats: TestNats, userinfoOnly = false): Promise<OidcWorld> {
  const port = await freePort()
  const redirectUrl = `http://127.0.0.1:${port}/api/session/oidc/callback`
  const provider = await startOidcProvider({
    ...{ people, userinfoOnly, redirectUrls: [redirectUrl] },
    afterLogOutUrls: [`http://127.0.0.1:${port}/`]
  })
  t.teardown(() => provider.stop())
  const folder = t.testdir({
    'site.yaml': `name: ${SITE}\ninstances: { MTMount: [0] }\n${ROLES}`,
    secret: `${provider.clientSecret}\n`
  })
  const settings = {
    ...{ AUTH_MODE: 'oidc', TRUSTED_PROXIES: 'loopback', LOG_LEVEL: 'trace' },
    ...{ OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: provider.clientId, OIDC_TITLE: 'Observatory login' },
    ...{ OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'), OIDC_REDIRECT_URL: redirectUrl },
    ...{ OIDC_SCOPE: 'openid profile groups', SITE_FILE: join(folder, 'site.yaml') }
  }
  return {
    provider,
    settings,
    async startApi(more = {}) {
      const api = await startSiteService('api', nats, { ...settings, ...more })
      t.teardown(() => api.stop())
      return api
    }
  }
}

/** A browser that keeps the cookies of the api, whichever of them it asks. */
export class Browser {
  readonly cookies = new Map<string, string>()

  /** Asks without following where it is sent. */
  async ask<T>(address: string, path: string, init: RequestInit = {}): Promise<Answer<T>> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await get<T>(address, path, {
      ...init,
      redirect: 'manual',
      headers: { cookie, origin: address, ...init.headers }
    })
    for (const set of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? []
      if (value === '') this.cookies.delete(name)
      else this.cookies.set(name, value)
    }
    return answer
  }

  /** Begins a log-in and passes the provider: the path and query of the callback. */
  async callbackOf(provider: TestProvider, address: string, sub: string, page = '/'): Promise<string> {
    const begun = await this.ask(address, `/api/session/oidc?return=${encodeURIComponent(page)}`)
    const at = begun.headers.get('location')
    if (at === null) throw new Error(begun.body.error?.message)
    const back = await passProvider(provider, at, sub)
    return `${back.pathname}${back.search}`
  }

  /** A whole log-in; the answer of the callback. */
  async logIn(provider: TestProvider, address: string, sub: string, page = '/'): Promise<Answer<unknown>> {
    return this.ask(address, await this.callbackOf(provider, address, sub, page))
  }
}

/** What an answer matches that refuses with a code. */
export const refused = (status: number, code: string) => ({ status, body: { error: { code } } })

/** Whether an api is ready and lacks nothing, its provider included. */
export const isReady = (at: string) => async () => {
  const { body } = await get<{ ready: boolean; degraded?: string[] }>(at, '/readyz')
  return body.ready && body.degraded === undefined
}
