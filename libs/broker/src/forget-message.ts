// What is said on `forget.<site>.<CSC>.<index>` once the names of a component are removed.

/** A component whose names were removed. */
export interface ForgetMessage {
  readonly component: string
  readonly index: number
  /** By stream, the last sequence up to which they were removed: what came behind it is kept. */
  readonly upTo: Readonly<Record<string, number>>
}

/** The message as JSON. */
export const encodeForgetMessage = (message: ForgetMessage): string => JSON.stringify(message)

/** Up to where the names were removed, by stream; a stream is absent where the message does not say. */
export function readForgottenUpTo(text: string): ReadonlyMap<string, number> {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return new Map()
  }
  const upTo = typeof message === 'object' && message !== null && 'upTo' in message ? message.upTo : undefined
  if (typeof upTo !== 'object' || upTo === null) return new Map()
  return new Map(Object.entries(upTo).filter(([, seq]) => Number.isSafeInteger(seq) && seq >= 0))
}
