import { AppError } from '@meridian/errors'
import { USER_LIMITS } from '@meridian/protocol/http'
import type { AuditBudget } from './audit-budget.ts'
import type { Audit } from './auth-event.ts'
import type { LoggedIn } from './issue-token.ts'
import type { LogInTries } from './log-in-tries.ts'
import type { PasswordTurns, Shower } from './password-turns.ts'
import type { From } from './session-record.ts'
import type { Sessions } from './sessions.ts'
import { userNameOf } from './user-name.ts'
import type { FoundUser, Users } from './users.ts'

/**
 * Proves by a password who somebody is. Failures are audited, and slow down the tries that follow by name and
 * address.
 */
export interface LogIn {
  /**
   * Begins a session. Throws AUT_WRONG_LOGIN, the same and after the same work whether the password is wrong, or the
   * user disabled or not there; AUT_TOO_MANY_TRIES; AUT_TOO_OFTEN; AUT_BUSY.
   */
  logIn(name: string, password: string, from: From): Promise<LoggedIn>
  /**
   * Gives a user another password, and ends all his sessions. Throws AUT_BAD_PASSWORD for the new one, and as `logIn`
   * for the old one.
   */
  changePassword(name: string, passwords: { old: string; new: string }, from: From): Promise<void>
}

/** What a log-in is made from. */
export interface LogInOptions {
  readonly users: Pick<Users, 'find' | 'change'>
  readonly sessions: Pick<Sessions, 'begin'>
  readonly passwords: PasswordTurns
  readonly tries: LogInTries
  readonly budget: AuditBudget
  readonly audit: Audit
}

/** Log-ins with a password: slowed down by name and address, and audited. */
export function createLogIn({ users, sessions, passwords, tries, budget, audit }: LogInOptions): LogIn {
  /** The user, where the password is his. Throws AUT_WRONG_LOGIN, after the same work whatever is wrong. */
  async function judged(name: string | undefined, password: string, shower: Shower) {
    let user: FoundUser | undefined
    const find = async (): Promise<string | undefined> => {
      user = name === undefined ? undefined : await users.find(name)
      return user?.passwordHash
    }
    const isRight = await passwords.isPasswordOf(password, find, shower)
    if (name === undefined || user === undefined) throw wrong(undefined)
    if (!isRight || user.disabled) throw wrong(name)
    return { name, user }
  }

  /** As `judged`, and the failure counts. */
  async function proved(text: string, password: string, address: string) {
    const name = userNameOf(text)
    const attempt = tries.begin(name ?? text.slice(0, USER_LIMITS.name), address)
    try {
      const found = await judged(name, password, { address, isKnown: attempt.isKnown })
      attempt.succeeded()
      // Once it is proved: nobody else spends it.
      budget.take(found.name)
      return found
    } catch (caught) {
      if (AppError.from(caught).code === 'AUT_WRONG_LOGIN') attempt.failed()
      else attempt.cancelled()
      throw caught
    }
  }

  /** Runs and tells what came of it. */
  async function told<T>(
    {
      done,
      refused
    }: { done: 'log-in' | 'password-changed'; refused: 'log-in-refused' | 'password-refused' },
    { address }: From,
    run: () => Promise<{ name: string; result: T }>
  ): Promise<T> {
    try {
      const { name, result } = await run()
      audit({ what: done, name, address })
      return result
    } catch (caught) {
      const error = AppError.from(caught)
      const name = concerned.get(error)
      audit({ what: refused, code: error.code, address, ...(name !== undefined && { name }) })
      throw caught
    }
  }

  return {
    logIn: (text, password, from) =>
      told({ done: 'log-in', refused: 'log-in-refused' }, from, async () => {
        const { name, user } = await proved(text, password, from.address)
        return { name, result: await sessions.begin(name, user, from) }
      }),
    changePassword: (text, { old, new: next }, from) =>
      told({ done: 'password-changed', refused: 'password-refused' }, from, async () => {
        const { name, user } = await proved(text, old, from.address)
        const { address } = from
        await users.change({ name, address }, name, { password: next, version: user.version })
        return { name, result: undefined }
      })
  }
}

/** The user whom a refusal concerns: for the log, not for whoever asks. */
const concerned = new WeakMap<AppError, string>()

function wrong(name: string | undefined): AppError {
  const error = new AppError('AUT_WRONG_LOGIN')
  if (name !== undefined) concerned.set(error, name)
  return error
}
