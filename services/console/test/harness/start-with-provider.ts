import { join } from 'node:path'
import { freePort } from '@meridian/testing'
import { startOidcProvider, type TestProvider } from '@meridian/testing/openid-provider'
import type { Test } from 'tap'
import { startLoggedIn } from './start-with-users.ts'

const SITE = `name: summit
instances: { MTMount: [0] }
roles:
  operator: { read: [">"], command: ["*.*"], groups: [night-crew] }
  administrator: { read: [">"], users: true, groups: [chiefs] }
`

/** A site where everybody logs in through a provider. */
export interface SystemWithProvider {
  /** Under a name of another site than the provider's, as it is everywhere. */
  readonly url: string
  readonly provider: TestProvider
}

/** Starts one; it ends with the test. Its people are ada, who may manage users, and eve, who has no role. */
export async function startWithProvider(t: Test): Promise<SystemWithProvider> {
  const port = await freePort()
  const url = `http://localhost:${port}/`
  const redirectUrl = `${url}api/session/oidc/callback`
  const provider = await startOidcProvider({
    ...{ redirectUrls: [redirectUrl], afterLogOutUrls: [url] },
    people: {
      ada: { preferred_username: 'ada', name: 'Ada L.', groups: ['chiefs'] },
      eve: { preferred_username: 'eve', name: 'Eve', groups: ['visitors'] }
    }
  })
  t.teardown(() => provider.stop())
  const folder = t.testdir({ 'site.yaml': SITE, secret: provider.clientSecret })
  await startLoggedIn(t, {
    port,
    settings: {
      ...{ AUTH_MODE: 'oidc', SITE_FILE: join(folder, 'site.yaml'), OIDC_TITLE: 'Observatory login' },
      ...{ OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: provider.clientId, OIDC_REDIRECT_URL: redirectUrl },
      ...{ OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'), OIDC_SCOPE: 'openid profile groups' }
    }
  })
  return { url, provider }
}
