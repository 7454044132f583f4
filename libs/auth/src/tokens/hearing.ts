import { type Broker, streamState } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import type { Revocations } from './revocations.ts'

// hears -> deaf -> hears. Every two seconds the leader of the bucket is asked how far it reaches. `hears`: it
// answered within the last ten seconds, and all that it then had was known here. `deaf`, entered when that is longer
// ago: nobody new is let in, for he may have been revoked; those who are in stay until their tokens expire. Left by
// the first answer after which nothing is missing.

/** Whether revocations are heard of: while they are not, nobody new is let in. */
export interface Hearing {
  /** Throws AUT_UNAVAILABLE while deaf. */
  assertHears(): void
  /** For people; undefined while it hears. */
  whyDeaf(): string | undefined
  /** Seconds since all revocations were known, beyond the ten that are allowed; 0 while it hears. */
  deafSeconds(): number
  stop(): void
}

/** What is listened to; `revocations` have started. */
export interface HearingOptions {
  readonly broker: Broker
  readonly log: Logger
  readonly revocations: Pick<Revocations, 'seq'>
}

const ASK_EVERY_MS = 2_000
const DEAF_AFTER_MS = 10_000
const BUCKET = 'KV_auth_revoked'

/** Begins to ask; it counts as hearing from now on, and goes on until `stop`. */
export function createHearing({ broker, log, revocations }: HearingOptions): Hearing {
  let heardMs = performance.now()
  let wasDeaf = false
  const silentMs = (): number => performance.now() - heardMs
  const isDeaf = (): boolean => silentMs() > DEAF_AFTER_MS
  const tell = (): void => {
    if (isDeaf() === wasDeaf) return
    wasDeaf = !wasDeaf
    if (wasDeaf)
      log.warn({ ms: Math.round(silentMs()) }, 'revocations are not heard of: nobody new is let in')
    else log.info('revocations are heard of again')
  }
  const ask = async (): Promise<void> => {
    const askedMs = performance.now()
    const { lastSeq } = await streamState(broker, BUCKET)
    if (revocations.seq() >= lastSeq) heardMs = askedMs
  }
  const timer = setInterval(
    () =>
      void ask()
        .catch(() => {})
        .then(tell),
    ASK_EVERY_MS
  )
  const whyDeaf = (): string | undefined =>
    isDeaf() ? `no revocation could be heard of for ${Math.round(silentMs() / 1000)} s` : undefined
  return {
    assertHears() {
      const detail = whyDeaf()
      if (detail !== undefined) throw new AppError('AUT_UNAVAILABLE', { detail })
    },
    whyDeaf,
    deafSeconds: () => Math.max(0, silentMs() - DEAF_AFTER_MS) / 1000,
    stop: () => clearInterval(timer)
  }
}
