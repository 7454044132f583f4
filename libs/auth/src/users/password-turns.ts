import { AppError } from '@meridian/errors'
import { createSemaphore } from '@meridian/fanout'
import { addressGroupOf } from '@meridian/service'
import { hashPassword, isPasswordOf } from './password.ts'

/**
 * Passwords that are hashed at a time, each in a thread and 32 MiB of its own: three leave a thread of Node's pool to
 * files. More wait, and one too many is refused. One of the three is for those who have logged in at their address before:
 * whoever asks from many addresses at once takes all the others.
 */
const OF_ANYBODY = { atOnce: 2, maxWaiting: 32 }
const OF_KNOWN = { atOnce: 1, maxWaiting: 32 }

/** Who shows a password: his address, and whether he has logged in from there before. */
export interface Shower {
  readonly address: string
  readonly isKnown: boolean
}

/** Hashing and checking of passwords, some at a time. Both throw AUT_BUSY where too many wait. */
export interface PasswordTurns {
  /** `address` of whoever asks: addresses take turns, so whoever asks for much waits for itself. */
  hash(password: string, address: string): Promise<string>
  /**
   * Whether it is the password whose hash `find` gives; without a hash, as of a user who does not exist, it costs the same and is
   * false. The hash is looked up in the turn, so that nobody floods the broker with it.
   */
  isPasswordOf(password: string, find: () => Promise<string | undefined>, shower: Shower): Promise<boolean>
}

/**
 * Makes the turns, once for a process: two passwords of anybody and one of somebody known are hashed at a
 * time, and 32 more of either may wait.
 */
export function createPasswordTurns(): PasswordTurns {
  const refusal = (): AppError => new AppError('AUT_BUSY', { retryAfterSeconds: 2 })
  const turns = createSemaphore({ ...OF_ANYBODY, refusal })
  const turnsOfKnown = createSemaphore({ ...OF_KNOWN, refusal })
  return {
    hash: (password, address) =>
      turns.run(() => hashPassword(password), { asker: ['', addressGroupOf(address)] }),
    isPasswordOf: (password, find, { address, isKnown }) =>
      (isKnown ? turnsOfKnown : turns).run(
        async () => {
          const stored = await find()
          if (stored !== undefined) return isPasswordOf(password, stored)
          await hashPassword(password)
          return false
        },
        { asker: ['', addressGroupOf(address)] }
      )
  }
}
