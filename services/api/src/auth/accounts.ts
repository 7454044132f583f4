import { type AccessPart, createRevoker, createSigner } from '@meridian/auth'
import {
  type AuditTrail,
  createAuditTrail,
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
import type { ServiceContext, ServicePart } from '@meridian/service'
import { systemClock as clock } from '@meridian/time'
import { createAudit } from './audit.ts'

/** Users, their sessions and how they log in. */
export interface Accounts {
  readonly users: Users
  readonly sessions: Sessions
  readonly tokens: PersonalTokens
  readonly logIn: LogIn
  readonly first: FirstAdministrator
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
}

const SWEEP_EVERY_MS = 3_600_000
/** How long what the audit has not stored yet may hold up a stop. */
const AUDIT_STOP_MS = 2_000

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
    accounts() {
      if (running === undefined) throw new AppError('GEN_INTERNAL')
      return running.accounts
    }
  }
}

interface Running {
  readonly accounts: Accounts
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
  const accounts = createAccounts(options, context, {
    users: userWatch.values,
    unreadableUsers: userWatch.unreadable,
    sessions: sessionWatch.values,
    tokens: tokenWatch.values
  })
  const { sessions, tokens, first } = accounts
  await first.offer(administratorsOf(userWatch.values, options.site))
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
    accounts,
    async stop() {
      clearInterval(timer)
      await Promise.all(watches.map(watch => watch.stop()))
      await accounts.trail.stop(AUDIT_STOP_MS)
    }
  }
}

/** How many users may manage users. */
const administratorsOf = (users: ReadonlyMap<string, StoredUser>, { roles }: Pick<Site, 'roles'>): number =>
  [...users.values()].filter(user => mayManageUsers(user, roles)).length

function createAccounts(
  { site, access }: AccountsOptions,
  { broker, name, log, metrics }: ServiceContext,
  held: {
    readonly users: ReadonlyMap<string, StoredUser>
    readonly unreadableUsers: ReadonlySet<string>
    readonly sessions: Parameters<typeof createSessions>[0]['held']
    readonly tokens: Parameters<typeof createPersonalTokens>[0]['held']
  }
): Accounts {
  const { roles: siteRoles } = site
  const trail = createAuditTrail({ broker, site: site.name, name, clock, log })
  metrics.read('meridian_api_audit_lost_total', trail.lost)
  const audit = createAudit({ log, metrics, trail })
  const revoker = createRevoker(broker)
  const signer = createSigner({ broker, site: site.name, keys: access.keys() })
  const passwords = createPasswordTurns()
  const users = createUsers({ broker, siteRoles, revoker, passwords, clock, audit })
  const sessions = createSessions({ broker, users, signer, revoker, held: held.sessions, clock, audit })
  const tokens = createPersonalTokens({
    ...{ broker, users, signer, revoker, held: held.tokens, userList: held.users, clock, audit }
  })
  const tries = createLogInTries(clock)
  const logIn = createLogIn({ users, sessions, passwords, tries, audit })
  const first = createFirstAdministrator({ broker, siteRoles, users, clock, log })
  return {
    users,
    sessions,
    tokens,
    logIn,
    first,
    trail,
    userList: held.users,
    unreadableUsers: held.unreadableUsers
  }
}
