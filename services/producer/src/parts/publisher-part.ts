import type { Broker, Publisher } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { notReady, type Readiness, ready, type ServicePart } from '@meridian/service'
import { systemClock } from '@meridian/time'
import { createStorageProgress } from './storage-progress.ts'

/** Time that stays for closing the connections once all samples are stored. */
const CLOSING_MS = 1_000
/**
 * A connected broker that stores nothing for so long is no broker: a disk that is full, a stream that is
 * gone.
 */
const STUCK_MS = 10_000

/**
 * The publisher. Ready while the broker stores what it gets; stopped once everything is stored, else it
 * throws PRD_UNFLUSHED.
 */
export function publisherPart(publisher: Publisher, broker: Broker): ServicePart {
  const progress = createStorageProgress(systemClock)
  return {
    name: 'the publisher',
    start: () => undefined,
    async stop(untilMs) {
      const flushed = await publisher.flush(Math.max(0, untilMs - CLOSING_MS - performance.now()))
      const { pending } = publisher.stats()
      publisher.stop()
      if (!flushed) throw new AppError('PRD_UNFLUSHED', { detail: `${pending} pending`, pending })
    },
    readiness() {
      const { acked, pending } = publisher.stats()
      const stuckMs = progress.stuckMs(acked, pending)
      if (broker.state() !== 'connected') return notReady(`broker is away; ${pending} samples wait`)
      return stuckMs < STUCK_MS ? ready : stuck(stuckMs, pending)
    }
  }
}

function stuck(stuckMs: number, pending: number): Readiness {
  const seconds = Math.round(stuckMs / 1000)
  return notReady(`broker has stored nothing for ${seconds} s, is its disk full? ${pending} samples wait`)
}
