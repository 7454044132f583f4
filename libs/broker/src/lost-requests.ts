import { AppError } from '@meridian/errors'

/**
 * Ends requests of nats.js whose answer can no longer come: it lets them run into their timeout
 * [docs/nats.md#connecting].
 */
export interface LostRequests {
  /** The answer, or BRK_UNAVAILABLE when `fail` is called before it. */
  race<T>(answer: Promise<T>): Promise<T>
  /** The connection is lost: everything that is asked fails. */
  fail(): void
}

/** BRK_UNAVAILABLE for what was asked when the connection was lost; it may have been served. */
export const connectionLost = (): AppError =>
  new AppError('BRK_UNAVAILABLE', { detail: 'connection lost while waiting' })

/** A set for one connection; a request is in it from `race` until it is answered or fails. */
export function createLostRequests(): LostRequests {
  const open = new Set<(error: AppError) => void>()
  return {
    race: answer =>
      new Promise((resolve, reject) => {
        open.add(reject)
        answer.then(resolve, reject).finally(() => open.delete(reject))
      }),
    fail() {
      for (const reject of open) reject(connectionLost())
      open.clear()
    }
  }
}
