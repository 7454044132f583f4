import type { WireError } from '@meridian/errors'
import type { MeAnswer } from '@meridian/protocol/http'
import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { pauseMsOf } from '../ask-until-answered.ts'
import { REFRESH_BEFORE_S, type Renewal, type SessionDoor } from './renew.ts'

/**
 * Who is logged in in this page.
 *
 * asking: the api has not said yet. `in` and `out` leave it. in: somebody is logged in, or everybody is in mode open, or
 * the api is away, so that the link has to say; his session is refreshed before its access token ends. A refusal for
 * good leaves it. out: nobody is. `ask`, after a log-in, leaves it.
 */
type SessionState =
  | { readonly kind: 'asking' }
  | { readonly kind: 'in' }
  | { readonly kind: 'out'; readonly reason: WireError | undefined }

/** Who is logged in on this page, and how that goes on. */
export interface Session {
  readonly state: ReadonlySignal<SessionState>
  /** Who is logged in and what he may, as the api told last; undefined until it has. */
  readonly me: ReadonlySignal<MeAnswer | undefined>
  /** Asks the api who is logged in, and refreshes the session where it must be; at once, whatever waits. */
  ask(): void
  /**
   * Told by the link that a gateway let it in no more. Calls `again` once the session is good; where it has ended,
   * `error` is the reason that is shown.
   */
  refused(error: WireError, again: () => void): void
  /**
   * Whoever is logged in ends his session by `work`: the log-in follows, with `reason` if any, as soon as anything shows
   * that it is done. Rejects as `work` does, and nothing has changed then.
   */
  leaveBy(work: () => Promise<void>, reason?: WireError): Promise<void>
  /** Looks whether the session is to be refreshed; called once a second. */
  look(): void
}

/** The clocks of this machine: one that nobody sets, and the one that goes on while it sleeps. Ms. */
interface SessionClock {
  steadyMs(): number
  wallMs(): number
}

/** What a session is made from. */
export interface SessionParts {
  readonly door: SessionDoor
  readonly clock?: SessionClock
}

const browserClock: SessionClock = { steadyMs: () => performance.now(), wallMs: () => Date.now() }

/** From one refresh to the next at least, ms, however short tokens live. */
const LEAST_MS = 5_000

/** Ms from an answer to the refresh of its session; undefined where there is nothing to refresh. */
const refreshAfterMs = ({ secondsLeft }: MeAnswer): number | undefined =>
  secondsLeft === undefined ? undefined : Math.max(LEAST_MS, (secondsLeft - REFRESH_BEFORE_S) * 1_000)

type Due = { readonly steadyMs: number; readonly wallMs: number }

/** Creates the session of a page; nothing is asked before `ask` or `look`. */
// biome-ignore lint/complexity/noExcessiveLinesPerFunction: a state machine of short functions, as that of the SDK's commands.
export function createSession({ door, clock = browserClock }: SessionParts): Session {
  const state = signal<SessionState>({ kind: 'asking' })
  const me = signal<MeAnswer | undefined>(undefined)
  let due: Due | undefined = dueIn(0)
  let failures = 0
  let isBusy = false
  let linkError: WireError | undefined
  let waiting: (() => void)[] = []
  let leaving: { readonly reason: WireError | undefined } | undefined

  function dueIn(ms: number): Due {
    return { steadyMs: clock.steadyMs() + ms, wallMs: clock.wallMs() + ms }
  }

  function good(answer: MeAnswer): void {
    batch(() => {
      me.value = answer
      state.value = { kind: 'in' }
    })
    failures = 0
    const pauseMs = refreshAfterMs(answer)
    due = pauseMs === undefined ? undefined : dueIn(pauseMs)
    linkError = undefined
    for (const again of waiting.splice(0)) again()
  }

  function ended(reason: WireError | undefined): void {
    const refusal = linkError?.code === 'AUT_REVOKED' ? linkError : reason
    leave(leaving === undefined ? refusal : leaving.reason)
  }

  /** The link may be good while the api is away, and says it where nobody is logged in. */
  function away(): void {
    failures += 1
    due = dueIn(pauseMsOf(failures))
    if (state.peek().kind === 'asking') state.value = { kind: 'in' }
  }

  function take(renewal: Renewal): void {
    if (renewal.kind === 'good') good(renewal.me)
    else if (renewal.kind === 'ended') ended(renewal.reason)
    else away()
  }

  function leave(reason: WireError | undefined): void {
    due = undefined
    waiting = []
    state.value = { kind: 'out', reason }
  }

  function ask(): void {
    due = dueIn(0)
    look()
  }

  function look(): void {
    if (isBusy || due === undefined) return
    if (clock.steadyMs() < due.steadyMs && clock.wallMs() < due.wallMs) return
    isBusy = true
    void door.renew().then(renewal => {
      isBusy = false
      // Whoever logs out meanwhile stays out.
      if (due !== undefined) take(renewal)
      look()
    })
  }

  return {
    state,
    me,
    ask,
    refused(error, again) {
      linkError = error
      waiting.push(again)
      ask()
    },
    look,
    async leaveBy(work, reason) {
      leaving = { reason }
      try {
        await work()
        leave(reason)
      } finally {
        leaving = undefined
      }
    }
  }
}
