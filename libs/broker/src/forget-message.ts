// What is said on `forget.<site>.<CSC>.<index>` once the names of a component are removed.
import { AppError } from '@meridian/errors'
import { readSubject } from '@meridian/subjects'

/** A component whose names were removed. */
export interface ForgetMessage {
  readonly component: string
  readonly index: number
  /** By stream, the last sequence up to which they were removed: what came behind it is kept. */
  readonly upTo: Readonly<Record<string, number>>
}

/** The message as JSON, which `readForgetMessage` takes on the subject of the same component. */
export const encodeForgetMessage = (message: ForgetMessage): string => JSON.stringify(message)

/**
 * Reads a message that came on a subject of `forget`. Throws BRK_BAD_FORGET where it is none, or tells of another component
 * than its subject: an answer of JetStream that somebody had written there forgets nothing [adr/0018].
 */
export function readForgetMessage({ subject, text }: { subject: string; text: string }): ForgetMessage {
  const at = readSubject(subject)
  const message = parsed(text)
  if (at?.class !== 'forget' || message?.component !== at.csc || message.index !== at.index)
    throw new AppError('BRK_BAD_FORGET', { detail: subject, subject })
  return { component: at.csc, index: at.index, upTo: sequencesOf(message.upTo, subject) }
}

type Unread = { readonly [K in keyof ForgetMessage]?: unknown }

function parsed(text: string): Unread | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

function sequencesOf(upTo: unknown, subject: string): ForgetMessage['upTo'] {
  const entries = typeof upTo === 'object' && upTo !== null ? Object.entries(upTo) : []
  if (entries.length === 0 || !entries.every(isSequence))
    throw new AppError('BRK_BAD_FORGET', { detail: `${subject}: upTo`, subject })
  return Object.fromEntries(entries)
}

const isSequence = (entry: [string, unknown]): entry is [string, number] =>
  Number.isSafeInteger(entry[1]) && (entry[1] as number) >= 0
