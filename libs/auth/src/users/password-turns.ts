import { AppError } from '@meridian/errors'
import { createSemaphore } from '@meridian/fanout'
import { addressGroupOf } from '@meridian/service'
import { hashPassword, isPasswordOf } from './password.ts'

/**
 * Passwords that are hashed at a time, each in a thread and 32 MiB of its own: two leave threads of Node's pool to
 * files. More wait, and one too many is refused.
 */
const AT_ONCE = 2
const MAX_WAITING = 32

/** Hashing and checking of passwords, some at a time. Both throw AUT_BUSY where too many wait. */
export interface PasswordTurns {
  /** `address` of whoever asks: addresses take turns, so whoever asks for much waits for itself. */
  hash(password: string, address: string): Promise<string>
  /** Without a hash, as of a user who does not exist, it costs the same and is false. */
  isPasswordOf(password: string, stored: string | undefined, address: string): Promise<boolean>
}

/** Makes the turns of one process. */
export function createPasswordTurns(): PasswordTurns {
  const refusal = (): AppError => new AppError('AUT_BUSY', { retryAfterSeconds: 2 })
  const turns = createSemaphore({ atOnce: AT_ONCE, maxWaiting: MAX_WAITING, refusal })
  return {
    hash: (password, address) =>
      turns.run(() => hashPassword(password), { asker: ['', addressGroupOf(address)] }),
    isPasswordOf: (password, stored, address) =>
      turns.run(
        async () => {
          if (stored !== undefined) return isPasswordOf(password, stored)
          await hashPassword(password)
          return false
        },
        { asker: ['', addressGroupOf(address)] }
      )
  }
}
