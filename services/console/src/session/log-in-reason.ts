import type { WireError } from '@meridian/errors'
import { recall, remember } from '../remembered.ts'

const KEY = 'logged-out'

/** Answers to somebody who merely comes: they are no news to him. */
const NO_NEWS: readonly string[] = ['AUT_NO_TOKEN', 'AUT_SESSION_ENDED', 'AUT_EXPIRED']

/** Keeps over a reload why the log-in will be shown; undefined where somebody logged out himself. */
export const rememberReason = (reason: WireError | undefined): void => remember('tab', KEY, reason ?? null)

/** Why the log-in is shown after a page was loaded: what was kept, once, or what the api says beyond that nobody is logged in. */
export function reasonAfterLoad(answer: WireError | undefined): WireError | undefined {
  const kept = recall('tab', KEY)
  remember('tab', KEY, null)
  if (isReason(kept)) return kept
  return answer === undefined || NO_NEWS.includes(answer.code) ? undefined : answer
}

const isReason = (value: unknown): value is WireError =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  'message' in value &&
  typeof value.code === 'string' &&
  typeof value.message === 'string'
