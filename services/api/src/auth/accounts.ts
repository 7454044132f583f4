import { type AccessPart, createRevoker, createSigner } from '@meridian/auth'
import type { AuditPart, AuditTrail } from '@meridian/auth/audit'
import { hasSessions, hasTokens, type OidcLogIn, type OidcOptions } from '@meridian/auth/oidc'
import {
  createAuditBudget,
  createFirstAdministrator,
  createLogIn,
  createLogInTries,
  createPasswordTurns,
  createPersonalTokens,
  createSessions,
  createUsers,
  type FirstAdministrator,
  type LogIn,
  mayManageUsers,
  type PersonalTokens,
  type Sessions,
  type StoredUser,
  storedSessionSchema,
  storedTokenSchema,
  storedUserSchema,
  type Users,
  watchRecords
} from '@meridian/auth/users'
import type { Site } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { degraded, ready, type ServiceContext, type ServicePart } from '@meridian/service'
import { systemClock as clock } from '@meridian/time'
import { createAudit } from './audit.ts'
import { type OidcParts, startOidc } from './oidc-accounts.ts'

/** Users, their sessions and how they log in. */
export interface Accounts {
  /** Name of the site that they are of. */
  readonly site: string
  readonly users: Users
  readonly sessions: Sessions
  readonly tokens: PersonalTokens
  readonly logIn: LogIn
  /** Log-in through the provider, in mode oidc; there nobody logs in with a password. */
  readonly oidc: OidcLogIn | undefined
  readonly first: FirstAdministrator
  /** How many users may manage users and can log in with a password, a moment late; with none the first one can be made. */
  administrators(): number
  /** What was done and refused, for whoever may manage users. */
  readonly trail: AuditTrail
  /** All users by name, a moment late. */
  readonly userList: ReadonlyMap<string, StoredUser>
  /** Names of users whose records cannot be read, a moment late. */
  readonly unreadableUsers: ReadonlySet<string>
}

/** What keeps users and sessions while the api runs. */
export interface AccountsPart extends ServicePart {
  /** Throws GEN_INTERNAL before it has started. */
  accounts(): Accounts
}

/** Whose users there are, and the keys of those who sign. */
export interface AccountsOptions {
  readonly site: Site
  readonly access: Pick<AccessPart, 'keys'>
  /** How people log in through a provider; undefined: they have passwords. */
  readonly oidc: OidcOptions | undefined
  readonly audit: Pick<AuditPart, 'trail'>
}

const SWEEP_EVERY_MS = 3_600_000

/** Users and sessions of a site with log-in; comes after the part of its access. */
export function accountsPart(options: AccountsOptions): AccountsPart {
  let running: Running | undefined
  return {
    name: 'users and sessions',
    async start(context) {
      running = await startAccounts(options, context)
    },
    async stop() {
      await running?.stop()
    },
    readiness() {
      const why = running?.oidc?.provider.whyAway()
      return why === undefined ? ready : degraded(why)
    },
    accounts() {
      if (running === undefined) throw new AppError('GEN_INTERNAL')
      return running.accounts
    }
  }
}

interface Running {
  readonly accounts: Accounts
  readonly oidc: OidcParts | undefined
  stop(): Promise<void>
}

async function startAccounts(options: AccountsOptions, context: ServiceContext): Promise<Running> {
  const { broker, name, log, metrics } = context
  const watched = { name, log }
  const userWatch = watchRecords(broker, { ...watched, bucket: 'auth_users', schema: storedUserSchema })
  const sessionWatch = watchRecords(broker, {
    ...{ ...watched, bucket: 'auth_sessions', schema: storedSessionSchema }
  })
  const tokenWatch = watchRecords(broker, { ...watched, bucket: 'auth_tokens', schema: storedTokenSchema })
  const watches = [userWatch, sessionWatch, tokenWatch]
  await Promise.all(watches.map(watch => watch.start()))
  const { oidc, ...created } = createAccounts(options, context, {
    users: userWatch.values,
    unreadableUsers: userWatch.unreadable,
    sessions: sessionWatch.values,
    tokens: tokenWatch
  })
  const accounts = { ...created, oidc: oidc?.logIn }
  const { sessions, tokens, first } = accounts
  if (oidc === undefined) await first.offer(accounts.administrators())
  metrics.read('meridian_api_sessions', () => sessions.list().length)
  metrics.read('meridian_api_personal_tokens', () => tokens.list().length)
  const sweep = (): void => {
    void sessions.sweep().catch(err => log.warn({ err }, 'sessions that have ended could not be removed'))
    void tokens
      .sweep()
      .catch(err => log.warn({ err }, 'personal tokens that have ended could not be removed'))
  }
  const timer = setInterval(sweep, SWEEP_EVERY_MS)
  return {
    ...{ accounts, oidc },
    async stop() {
      clearInterval(timer)
      await Promise.all([...watches.map(watch => watch.stop()), oidc?.provider.stop()])
    }
  }
}

/** How many users may manage users. */
const administratorsOf = (users: ReadonlyMap<string, StoredUser>, { roles }: Pick<Site, 'roles'>): number =>
  [...users.values()].filter(user => mayManageUsers(user, roles)).length

function createAccounts(
  { site, access, oidc: options, audit: { trail: trailOf } }: AccountsOptions,
  { broker, log, metrics }: ServiceContext,
  held: {
    readonly users: ReadonlyMap<string, StoredUser>
    readonly unreadableUsers: ReadonlySet<string>
    readonly sessions: Parameters<typeof createSessions>[0]['held']
    readonly tokens: Parameters<typeof createPersonalTokens>[0]['held']
  }
): Omit<Accounts, 'oidc'> & { readonly oidc: OidcParts | undefined } {
  const { roles: siteRoles } = site
  const trail = trailOf()
  const audit = createAudit({ log, metrics, trail })
  const revoker = createRevoker(broker)
  const signer = createSigner({ broker, site: site.name, keys: access.keys() })
  const passwords = createPasswordTurns()
  const budget = createAuditBudget()
  const users = createUsers({ broker, siteRoles, revoker, passwords, clock, audit })
  const issued = { broker, signer, revoker, clock, audit }
  const sessions = createSessions({
    ...{ ...issued, held: held.sessions, userList: held.users },
    users: usersThat(user => hasSessions(user, options), users)
  })
  const areTaken = (user: StoredUser): boolean => hasTokens(user, options, clock.nowMs())
  const tokens = createPersonalTokens({
    ...{ ...issued, budget, areTaken, held: held.tokens, userList: held.users },
    users: usersThat(areTaken, users)
  })
  const tries = createLogInTries(clock)
  const logIn = createLogIn({ users, sessions, passwords, tries, budget, audit })
  const first = createFirstAdministrator({ broker, siteRoles, users, clock, log })
  const oidc =
    options &&
    startOidc({
      ...{ options, broker, site, keys: access.keys(), log, metrics },
      ...{ signer, revoker, sessions, clock, budget, audit }
    })
  const { users: userList, unreadableUsers } = held
  const administrators = (): number => administratorsOf(userList, site)
  return {
    ...{ site: site.name, users, sessions, tokens, logIn, oidc, first, administrators, trail },
    ...{ userList, unreadableUsers }
  }
}

/** Users for whom access tokens are made. */
const usersThat = (isMeant: (user: StoredUser) => boolean, { find }: Users): Pick<Users, 'find'> => ({
  async find(name) {
    const user = await find(name)
    return user !== undefined && isMeant(user) ? user : undefined
  }
})
