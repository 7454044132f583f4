import { AppError } from '@meridian/errors'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isLoopback } from '../local-request.ts'
import { addressGroupOf } from './address-group.ts'
import { createKeyedRates } from './keyed-rates.ts'
import type { LimitedBy, OnLimited } from './limit-log.ts'

/** Whose requests are counted, and how many are taken. */
export interface RequestLimit {
  readonly by: LimitedBy
  /** Requests of each key per second; ten seconds of them may come at once; 0: no limit. */
  readonly perSecond: number
  /** Whose a request is; undefined: it is not counted. */
  readonly keyOf: (request: FastifyRequest) => string | undefined
  readonly onLimited: OnLimited
}

/** Seconds of requests that may come at once: the screens of a control room load their pages together. */
const BURST_SECONDS = 10

/**
 * Refuses requests with NET_TOO_MANY_REQUESTS where whoever sends them sent too many, in a hook `onRequest`. Not by a counter of a
 * fixed window, as @fastify/rate-limit has it: one that is full would stay shut to its end, and two bursts would fit around that.
 */
export function limitRequests(app: FastifyInstance, { by, perSecond, keyOf, onLimited }: RequestLimit): void {
  if (perSecond === 0) return
  const rates = createKeyedRates({ perSecond, burstSeconds: BURST_SECONDS })
  app.addHook('onRequest', async request => {
    const key = keyOf(request)
    const waitMs = key === undefined ? undefined : rates.take(key)
    if (key === undefined || waitMs === undefined) return
    const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000))
    const facts = { detail: `${perSecond} per second by ${by}`, by, perSecond, retryAfterSeconds }
    const error = new AppError('NET_TOO_MANY_REQUESTS', facts)
    onLimited(error.code, by, key)
    throw error
  })
}

/**
 * Under which key an address is counted. Undefined for loopback: that is the machine itself, or a proxy on it that TRUSTED_PROXIES
 * should name.
 */
export const addressKeyOf = (address: string): string | undefined =>
  isLoopback(address) ? undefined : addressGroupOf(address)
