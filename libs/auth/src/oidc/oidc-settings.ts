import { readFileSync } from 'node:fs'
import type { SiteRole } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { isLoopback } from '@meridian/service'
import { Type } from 'typebox'
import type { AccessConfig } from '../settings.ts'

/** Settings of the service that logs people in through an OpenID provider; spread into its own schema. Read in mode oidc alone. */
export const oidcSettings = {
  OIDC_ISSUER: Type.String({
    default: '',
    description: 'mode oidc: address of the OpenID provider, as it names itself; https, or http on loopback'
  }),
  OIDC_TITLE: Type.String({
    default: '',
    maxLength: 60,
    description: 'what people call the provider, on the page of the log-in; default: the host of OIDC_ISSUER'
  }),
  OIDC_CLIENT_ID: Type.String({
    default: '',
    description: 'mode oidc: the id that the provider gave this site'
  }),
  OIDC_CLIENT_SECRET_FILE: Type.String({
    default: '',
    description: 'mode oidc: file with the secret that the provider gave this site, read again at each log-in'
  }),
  OIDC_REDIRECT_URL: Type.String({
    default: '',
    description:
      'mode oidc: address where the provider sends browsers back to, as it is registered there: https://HOST/api/session/oidc/callback'
  }),
  OIDC_SCOPE: Type.String({
    default: 'openid profile',
    description: 'what the provider is asked for; some tell groups only where the scope groups is asked for'
  }),
  OIDC_NAME_CLAIM: Type.String({
    default: 'preferred_username',
    minLength: 1,
    description: 'claim that holds the name of a user'
  }),
  OIDC_ROLES_CLAIM: Type.String({
    default: 'groups',
    minLength: 1,
    description: 'claim whose values are the groups that roles of the site file name'
  }),
  OIDC_SESSION_MINUTES: Type.Integer({
    default: 720,
    minimum: 5,
    maximum: 43_200,
    description:
      'minutes after which a session that began at the provider ends, refreshed or not: so old may the roles of its user be'
  }),
  OIDC_TOKENS_DAYS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 365,
    description:
      'days after his last log-in for which the personal tokens of a user are good; with his next log-in they are again'
  })
} as const

type Numbers = 'OIDC_SESSION_MINUTES' | 'OIDC_TOKENS_DAYS'

/** What `oidcSettings` say after validation. */
export type OidcConfig = Record<Exclude<keyof typeof oidcSettings, Numbers>, string> & {
  readonly [P in Numbers]: number
}

/** How people log in through a provider; what the settings say, read once. */
export interface OidcOptions {
  readonly issuer: URL
  /** What people call the provider. */
  readonly title: string
  readonly clientId: string
  readonly clientSecretFile: string
  readonly redirectUrl: URL
  readonly scope: string
  readonly nameClaim: string
  readonly rolesClaim: string
  readonly sessionMs: number
  /** How long after a log-in personal tokens are good. */
  readonly tokensMs: number
  /** Roles of the site by the groups that give them. */
  readonly groups: ReadonlyMap<string, readonly string[]>
}

/** The path at which a provider sends people back: OIDC_REDIRECT_URL must have it, whatever its origin. */
export const CALLBACK_PATH = '/api/session/oidc/callback'

/** How people log in through a provider; undefined in another mode. Throws CFG_INVALID, which names all that is missing or wrong. */
export function readOidcOptions(
  config: OidcConfig & Pick<AccessConfig, 'AUTH_MODE'>,
  siteRoles: ReadonlyMap<string, SiteRole>
): OidcOptions | undefined {
  if (config.AUTH_MODE !== 'oidc') return undefined
  const groups = groupsOf(siteRoles)
  const faults = [...faultsOf(config), ...(groups.size === 0 ? [NO_GROUPS] : [])]
  if (faults.length > 0) throw new AppError('CFG_INVALID', { detail: `AUTH_MODE oidc: ${faults.join('; ')}` })
  const issuer = new URL(config.OIDC_ISSUER)
  return {
    ...{ issuer, groups, title: config.OIDC_TITLE || issuer.host },
    ...{ clientId: config.OIDC_CLIENT_ID, clientSecretFile: config.OIDC_CLIENT_SECRET_FILE },
    ...{ redirectUrl: new URL(config.OIDC_REDIRECT_URL), scope: config.OIDC_SCOPE },
    ...{ nameClaim: config.OIDC_NAME_CLAIM, rolesClaim: config.OIDC_ROLES_CLAIM },
    sessionMs: config.OIDC_SESSION_MINUTES * 60_000,
    tokensMs: config.OIDC_TOKENS_DAYS * 86_400_000
  }
}

const NO_GROUPS = 'no role of the site file names groups, so nobody could log in'

const groupsOf = (siteRoles: ReadonlyMap<string, SiteRole>): ReadonlyMap<string, readonly string[]> =>
  new Map([...siteRoles].flatMap(([role, { groups = [] }]) => (groups.length > 0 ? [[role, groups]] : [])))

function faultsOf(config: OidcConfig): string[] {
  const required = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET_FILE', 'OIDC_REDIRECT_URL'] as const
  const missing = required.filter(name => config[name] === '')
  return [
    ...(missing.length > 0 ? [`set ${missing.join(', ')}`] : []),
    ...addressFault('OIDC_ISSUER', config.OIDC_ISSUER),
    ...addressFault('OIDC_REDIRECT_URL', config.OIDC_REDIRECT_URL),
    ...callbackFault(config.OIDC_REDIRECT_URL),
    ...secretFault(config.OIDC_CLIENT_SECRET_FILE),
    ...(config.OIDC_SCOPE.split(' ').includes('openid') ? [] : ['OIDC_SCOPE lacks openid'])
  ]
}

function addressFault(name: string, text: string): string[] {
  if (text === '') return []
  const url = urlOf(text)
  const isSafe =
    url?.protocol === 'https:' ||
    (url?.protocol === 'http:' && (url.hostname === 'localhost' || isLoopback(url.hostname)))
  if (!isSafe) return [`${name} is no https address`]
  return url?.search === '' && url.hash === '' ? [] : [`${name} has a query or a fragment`]
}

const urlOf = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined)

function callbackFault(text: string): string[] {
  const path = text === '' ? CALLBACK_PATH : urlOf(text)?.pathname
  return path === undefined || path === CALLBACK_PATH
    ? []
    : [`OIDC_REDIRECT_URL has not the path ${CALLBACK_PATH}`]
}

function secretFault(file: string): string[] {
  if (file === '') return []
  try {
    return readFileSync(file, 'utf8').trim() === '' ? ['OIDC_CLIENT_SECRET_FILE is empty'] : []
  } catch {
    return ['OIDC_CLIENT_SECRET_FILE cannot be read']
  }
}
