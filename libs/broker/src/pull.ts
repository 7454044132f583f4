import type { Msg } from '@nats-io/nats-core'
import { createInbox, type Internals } from './internals.ts'

/** What a pulling consumer tells. */
export interface PullHandlers {
  /** Synchronous; called for every message, in order. */
  readonly onMessage: (message: Msg) => void
  /** The consumer is gone, silent or cannot be reached; called once, nothing follows. */
  readonly onBroken: (why: string) => void
}

/** What to pull and how much of it at a time. */
export interface PullOptions extends PullHandlers {
  readonly stream: string
  readonly consumer: string
  /** Messages on their way at most. */
  readonly batch: number
}

/** A running pull. */
export interface Pull {
  stop(): void
  /** Asks for nothing more; what is on its way is still handed over. */
  drain(): Promise<void>
}

const NANOSECONDS = 1_000_000
const EXPIRES_MS = 5_000
const HEARTBEAT_MS = 500
const SILENCE_MS = 3 * HEARTBEAT_MS
const CHECK_MS = 250

/**
 * Keeps asking a consumer for messages. The server sends a heartbeat every half second while it has none, so silence of three means that
 * the consumer's server is gone [specs/nats.md 5].
 */
export function startPull(internals: Internals, options: PullOptions): Pull {
  const { nc } = internals
  const { batch, onMessage, onBroken } = options
  const next = `$JS.API.CONSUMER.MSG.NEXT.${options.stream}.${options.consumer}`
  const inbox = createInbox(internals)
  const refillAt = Math.floor(batch * 0.75)
  let outstanding = 0
  let heardMs = performance.now()
  let checkedMs = heardMs
  let isOver = false
  let isDraining = false

  const stop = (): void => {
    if (isOver) return
    isOver = true
    clearInterval(timer)
    if (!nc.isClosed()) subscription.unsubscribe()
  }
  const drain = async (): Promise<void> => {
    if (isOver || isDraining) return
    isDraining = true
    clearInterval(timer)
    await subscription.drain()
    isOver = true
  }
  const broken = (why: string): void => {
    if (isOver || isDraining) return
    stop()
    onBroken(why)
  }
  const ask = (): void => {
    if (isDraining || nc.isDraining() || nc.isClosed()) return
    const request = {
      batch: batch - outstanding,
      expires: EXPIRES_MS * NANOSECONDS,
      idle_heartbeat: HEARTBEAT_MS * NANOSECONDS
    }
    outstanding = batch
    nc.publish(next, JSON.stringify(request), { reply: inbox })
  }
  const status = (message: Msg): void => {
    const { headers } = message
    const code = headers?.code ?? 0
    if (code === 100) return
    if (code !== 408 && !/Batch Completed|MaxBytes/.test(headers?.description ?? '')) {
      broken(code === 503 ? 'no such consumer' : `${code} ${headers?.description}`)
      return
    }
    outstanding -= Number(headers?.get('Nats-Pending-Messages') || 0)
    if (outstanding <= refillAt) ask()
  }
  const subscription = nc.subscribe(inbox, {
    callback: (error, message) => {
      if (isOver) return
      heardMs = performance.now()
      if (error !== null) broken(error.message)
      else if (message.subject === inbox) status(message)
      else {
        outstanding--
        onMessage(message)
        if (outstanding <= refillAt && !isOver) ask()
      }
    }
  })
  const timer = setInterval(() => {
    const nowMs = performance.now()
    // A loop that was blocked here has not yet read what the server sent meanwhile.
    if (nowMs - checkedMs > 2 * CHECK_MS) heardMs = nowMs
    checkedMs = nowMs
    if (nowMs - heardMs > SILENCE_MS) broken('silence')
  }, CHECK_MS).unref()
  ask()
  return { stop, drain }
}
