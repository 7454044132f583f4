import { join } from 'node:path'
import type { SiteRole } from '@meridian/catalogue'
import { parseConfig } from '@meridian/service'
import t from 'tap'
import { Type } from 'typebox'
import { accessSettings } from '../settings.ts'
import { oidcSettings, readOidcOptions } from './oidc-settings.ts'

const folder = t.testdir({ secret: ' s3cret \n', empty: '\n' })
const roles: ReadonlyMap<string, SiteRole> = new Map([
  ['viewer', { read: ['>'], command: [] }],
  ['operator', { read: ['>'], command: ['*.*'], groups: ['night-crew'] }]
])
const good = {
  ...{ AUTH_MODE: 'oidc', OIDC_ISSUER: 'https://id.example/realms/x', OIDC_CLIENT_ID: 'meridian' },
  OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'),
  OIDC_REDIRECT_URL: 'https://console.example/api/session/oidc/callback'
}
const spec = { service: 'x', summary: 'x', settings: Type.Object({ ...accessSettings, ...oidcSettings }) }
const read = (more: Readonly<Record<string, string>>, siteRoles = roles) =>
  readOidcOptions(parseConfig(spec, { ...good, ...more }), siteRoles)

t.test('good settings are read, and in other modes none are needed', async t => {
  t.match(read({}), { title: 'id.example', sessionMs: 12 * 3_600_000, nameClaim: 'preferred_username' })
  t.same([...(read({})?.groups ?? [])], [['operator', ['night-crew']]])
  t.match(read({ OIDC_ISSUER: 'http://127.0.0.1:5000', OIDC_TITLE: 'Here' }), { title: 'Here' })
  t.equal(read({ AUTH_MODE: 'local', OIDC_ISSUER: '' }), undefined)
})

t.test('what is missing or wrong is named, all at once', async t => {
  for (const [more, message] of [
    [{ OIDC_ISSUER: '', OIDC_CLIENT_ID: '' }, /AUTH_MODE oidc: set OIDC_ISSUER, OIDC_CLIENT_ID$/],
    [{ OIDC_ISSUER: 'http://id.example' }, /OIDC_ISSUER is no https address$/],
    [{ OIDC_ISSUER: 'id.example' }, /OIDC_ISSUER is no https address$/],
    [{ OIDC_ISSUER: 'https://id.example?x=1' }, /OIDC_ISSUER has a query or a fragment$/],
    [{ OIDC_REDIRECT_URL: 'https://x.example/back' }, /OIDC_REDIRECT_URL has not the path/],
    [{ OIDC_CLIENT_SECRET_FILE: '/nowhere' }, /OIDC_CLIENT_SECRET_FILE cannot be read$/],
    [{ OIDC_CLIENT_SECRET_FILE: join(folder, 'empty') }, /OIDC_CLIENT_SECRET_FILE is empty$/],
    [{ OIDC_SCOPE: 'profile', OIDC_CLIENT_ID: '' }, /set OIDC_CLIENT_ID; OIDC_SCOPE lacks openid$/],
    [{ OIDC_SESSION_MINUTES: '1' }, /OIDC_SESSION_MINUTES/]
  ] as const)
    t.throws(() => read(more), { code: 'CFG_INVALID', message })
  t.throws(() => read({}, new Map()), { message: /no role of the site file names groups/ })
})
