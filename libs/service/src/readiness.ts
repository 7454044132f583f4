import type { AppError } from '@meridian/errors'

/**
 * Answer of `/readyz`: ready, with a sentence for each thing that does not work meanwhile, or one sentence that says why not. What
 * is degraded keeps nobody away: the rest is served.
 */
export type Readiness =
  | { readonly ready: true; readonly degraded?: readonly string[] }
  | { readonly ready: false; readonly why: string }

/** The answer of a part that can serve. */
export const ready: Readiness = { ready: true }

/** The answer of a part that serves all but this, one sentence. */
export const degraded = (what: string): Readiness => ({ ready: true, degraded: [what] })

/** The answer of a part that cannot serve now; `why` names what it waits for. */
export const notReady = (why: string): Readiness => ({ ready: false, why })

const REFUSALS: readonly string[] = ['BRK_WRONG_KEY', 'BRK_INSECURE', 'BRK_NOT_PERMITTED']

/**
 * What is awaited, with the reason where the broker keeps this process out: somebody has to act. Addresses and
 * subjects are left to the log, since a probe may be read by others.
 */
export const withRefusal = (awaited: string, why: AppError | undefined): string =>
  why !== undefined && REFUSALS.includes(why.code)
    ? `${awaited}: ${why.entry.message} (${why.code})`
    : awaited
