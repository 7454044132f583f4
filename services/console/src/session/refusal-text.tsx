import type { WireError } from '@meridian/errors'
import { useEffect, useState } from 'preact/hooks'

/** Seconds that a refusal says to wait; undefined where it says none. */
function retryAfterOf({ facts }: WireError): number | undefined {
  const seconds = facts?.['retryAfterSeconds']
  return typeof seconds === 'number' && seconds > 0 ? Math.ceil(seconds) : undefined
}

/** Refusals whose own words do not tell a person what to do. */
const WORDS: Readonly<Record<string, string>> = {
  AUT_WRONG_LOGIN: 'Name or password is wrong.',
  AUT_TOO_MANY_TRIES: 'Too many tries failed.',
  AUT_BUSY: 'Too many people are logging in just now.',
  AUT_REVOKED: 'You were logged out.',
  AUT_SESSION_ENDED: 'This session has ended.',
  AUT_BAD_FIRST_TOKEN:
    'This token is not valid: it is another, was used, or is older than 24 hours. Where there are no users, an api that starts logs a new one.',
  AUT_LOG_IN_LOST: 'This browser has begun no such log-in, or more than ten minutes ago. Log in once more.',
  AUT_PROVIDER_AWAY: 'The log-in service does not answer. Whoever is logged in stays so.',
  AUT_PROVIDER_REFUSED: 'The log-in service has not logged you in',
  AUT_BAD_CODE: 'This log-in is over, or was finished before. Log in once more.',
  AUT_LAST_ADMINISTRATOR: 'Nobody could manage users any more: somebody else must be able to first.',
  AUT_USER_CHANGED:
    'Somebody else has changed this user meanwhile: the line above shows him as he is now. Save again to have him as this form says.',
  CON_API_UNREACHABLE: 'The api does not answer. Nothing was changed as far as this page knows.'
}

/** What a refusal says to a person, without its code. */
export function refusalWords({ code, message }: WireError): string {
  const words = message.startsWith(`${code}: `) ? message.slice(code.length + 2) : message
  const known = WORDS[code]
  if (known === undefined) return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`
  // What comes after the table's sentence is this case's own: `AUT_REVOKED: access was ended: logged out`.
  const detail = /^[^:]+: (.+)$/.exec(words)?.[1]
  return detail === undefined || code === 'CON_API_UNREACHABLE'
    ? known
    : `${known.replace(/\.$/, '')}: ${detail}.`
}

/** Seconds that are left of a wait, which counts down; 0 once it is over. */
export function useWait(error: WireError | undefined): number {
  const [left, setLeft] = useState(0)
  useEffect(() => {
    const seconds = error && retryAfterOf(error)
    const endMs = performance.now() + (seconds ?? 0) * 1_000
    const show = (): void => setLeft(Math.max(0, Math.ceil((endMs - performance.now()) / 1_000)))
    show()
    if (seconds === undefined) return undefined
    const timer = setInterval(show, 500)
    return () => clearInterval(timer)
  }, [error])
  return left
}

/** A refusal in words, with its code, and how long to wait where it says so. The place is there before it is filled. */
export function RefusalText({
  error,
  wait = 0
}: {
  readonly error: WireError | undefined
  readonly wait?: number
}) {
  return (
    <div role="alert" class="refusal">
      {error !== undefined && (
        <p>
          {refusalWords(error)} {wait > 0 && <strong>Wait {wait} s. </strong>}
          {wait === 0 && retryAfterOf(error) !== undefined && 'Try again now. '}
          <code>{error.code}</code>
        </p>
      )}
    </div>
  )
}
