/**
 * The OpenID provider as this process knows it.
 *
 * asking: it has not answered yet. known: it has said where its endpoints are; asked again every minute. away: it did not answer, or
 * not as a provider does; what was known before is kept. Each answer leads to known, each failure to away. A log-in at which it
 * fails makes us ask, and decides nothing by itself: whoever makes up codes would keep out everybody. Tries follow each other later and
 * later, up to half a minute.
 */
import { isDeepStrictEqual } from 'node:util'
import { createBackoff, createRarely } from '@meridian/broker'
import type { AppError } from '@meridian/errors'
import type { Configuration } from 'openid-client'
import type { Logger } from 'pino'
import { discover } from './discover.ts'
import type { OidcOptions } from './oidc-settings.ts'
import { createPacedLoop } from './paced-loop.ts'
import { isOwnFailure, providerAway, providerErrorOf } from './provider-error.ts'

/** A provider that is asked whenever somebody logs in. */
export interface Provider {
  /** Begins to ask; never rejects, and does not wait for the answer. */
  start(): void
  stop(): Promise<void>
  /** Why nobody can log in, in one sentence; undefined while the provider answers. */
  whyAway(): string | undefined
  /**
   * Asks it now, unless it answered within the last five seconds: nobody is sent to a provider that has just gone. Those
   * who ask meanwhile share the answer, and so does whoever comes before the first one. Throws AUT_PROVIDER_AWAY.
   */
  ask(): Promise<void>
  /** Tries that failed so far. */
  failures(): number
  /**
   * Runs what asks the provider. Throws AUT_PROVIDER_AWAY at once while it is away, and else what `providerErrorOf` makes of a failure;
   * whether it is away for others then is asked before.
   */
  run<T>(work: (configuration: Configuration) => T | Promise<T>): Promise<T>
}

type State =
  | { readonly kind: 'asking' }
  | { readonly kind: 'known'; readonly configuration: Configuration; readonly answeredMs: number }
  | { readonly kind: 'away'; readonly before: Configuration | undefined }

const asking = (): State => ({ kind: 'asking' })
const known = (configuration: Configuration): State => ({
  ...{ kind: 'known', configuration },
  answeredMs: performance.now()
})
const away = (before: Configuration | undefined): State => ({ kind: 'away', before })

const ASK_EVERY_MS = 60_000
/** An answer is as good as one of now for so long. */
const FRESH_MS = 5_000
const RETRY = { firstMs: 500, mostMs: 30_000 }
/** Failures at log-ins are told no more often. */
const TOLD_EVERY_MS = 60_000

/** The provider of a site; nothing is asked before `start`. */
export function createProvider(options: OidcOptions, log: Logger): Provider {
  const { title, issuer } = options
  const backoff = createBackoff(RETRY)
  const rarely = createRarely({ everyMs: TOLD_EVERY_MS })
  let state = asking()
  let failures = 0

  const whyAway = (): string | undefined => whyAwayIn(state, title)

  function failed(error: AppError): void {
    failures++
    if (state.kind === 'away') return
    log.warn({ issuer: issuer.href, reason: reasonOf(error) }, 'OpenID provider does not answer: tries again')
    state = away(configurationOf(state))
  }

  /** One question at a time; gives ms until the next. */
  const ask = shared(async () => {
    try {
      const found = await discover(options)
      if (state.kind !== 'known') log.info({ issuer: issuer.href }, 'OpenID provider answers')
      state = known(newer(configurationOf(state), found))
      backoff.reset()
      return ASK_EVERY_MS
    } catch (caught) {
      failed(providerErrorOf(caught))
      return backoff.nextMs()
    }
  })

  /** Asks out of turn; where it is away, the tries begin anew. */
  async function askNow(): Promise<void> {
    await ask()
    if (state.kind !== 'known') loop.wake()
  }

  async function failedAtLogIn(error: AppError): Promise<void> {
    failures++
    if (state.kind !== 'known') return
    await askNow()
    if (whyAway() !== undefined) return
    rarely('log-in', times =>
      log.warn({ issuer: issuer.href, reason: reasonOf(error), times }, 'OpenID provider failed at a log-in')
    )
  }

  const loop = createPacedLoop(ask)

  return {
    start: loop.start,
    stop: loop.stop,
    whyAway,
    async ask() {
      if (state.kind === 'away') throw providerAway()
      if (state.kind === 'known' && performance.now() - state.answeredMs <= FRESH_MS) return
      await askNow()
      if (whyAway() !== undefined) throw providerAway()
    },
    failures: () => failures,
    async run(work) {
      if (state.kind !== 'known') throw providerAway()
      try {
        return await work(state.configuration)
      } catch (caught) {
        const error = providerErrorOf(caught)
        if (isOwnFailure(caught)) await failedAtLogIn(error)
        throw error
      }
    }
  }
}

/** Whoever calls while it runs gets the same answer. */
function shared<T>(work: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined
  return () => {
    running ??= work().finally(() => {
      running = undefined
    })
    return running
  }
}

const configurationOf = (state: State): Configuration | undefined => {
  if (state.kind === 'known') return state.configuration
  return state.kind === 'away' ? state.before : undefined
}

function whyAwayIn({ kind }: State, title: string): string | undefined {
  if (kind === 'known') return undefined
  return `nobody can log in: OpenID provider ${title} ${kind === 'away' ? 'does not answer' : 'has not answered yet'}`
}

/** What was known is kept where nothing has changed, and with it the keys of the provider. */
function newer(before: Configuration | undefined, found: Configuration): Configuration {
  const isSame = before !== undefined && isDeepStrictEqual(before.serverMetadata(), found.serverMetadata())
  return isSame ? before : found
}

function reasonOf(error: AppError): string {
  return error.cause instanceof Error ? error.cause.message : error.message
}
