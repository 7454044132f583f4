import { AppError } from '@meridian/errors'
import type { RefusedPattern, SubscribedPattern, WantedSubscription } from '@meridian/fanout'
import type { PatternRequest, SubscriptionRequest } from '@meridian/protocol/live'
import type { ConnectionParts } from './connection.ts'

/** Who asks, and what decides about it. */
type Door = Pick<ConnectionParts, 'hub' | 'rights' | 'principal'>

/** The patterns of a subscription that its principal may read, decided; the others by name, each told with its error. */
export function readWanted(
  { id, patterns }: SubscriptionRequest,
  door: Door,
  onRefused: (err: AppError) => void
): WantedSubscription {
  const readable: SubscribedPattern[] = []
  const refused: RefusedPattern[] = []
  for (const asked of patterns) {
    try {
      readable.push(...readableOf(asked, door))
    } catch (caught) {
      const err = AppError.from(caught)
      onRefused(err)
      refused.push({ pattern: asked.pattern, error: err.toWire() })
    }
  }
  return { id, patterns: readable, refused }
}

function readableOf(asked: PatternRequest, { hub, rights, principal }: Door): readonly SubscribedPattern[] {
  const whole = hub.readPattern(asked)
  const parts = rights.readable(principal, asked.pattern)
  if (parts.length === 0) throw new AppError('GTW_NOT_READABLE')
  if (parts.length === 1 && parts[0] === asked.pattern) return [whole]
  return parts.map(pattern => hub.readPattern({ ...asked, pattern }))
}
