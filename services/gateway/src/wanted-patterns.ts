import { readableParts } from '@meridian/auth'
import { AppError } from '@meridian/errors'
import type { RefusedPattern, SubscribedPattern, WantedSubscription } from '@meridian/fanout'
import type { PatternRequest, SubscriptionRequest } from '@meridian/protocol/live'
import { defaultQualityOf, isKeptUnder, keptForms, type Pattern } from '@meridian/subjects'
import type { ConnectedClient, ConnectionParts } from './connection.ts'
import { servedStreams } from './followers.ts'

/** Who asks, and what decides about it. */
type Door = Pick<ConnectionParts, 'hub' | 'rights' | 'site'> & Pick<ConnectedClient, 'principal'>

/**
 * The patterns of a subscription that its principal may read and that may bring something, decided; the others by
 * name, each told with its error.
 */
export function readWanted(
  { id, patterns }: SubscriptionRequest,
  door: Door,
  onRefused: (err: AppError) => void
): WantedSubscription {
  const readable: SubscribedPattern[] = []
  const refused: RefusedPattern[] = []
  const askedAs = new Map<string, string>()
  for (const asked of patterns) {
    try {
      const parts = readableOf(asked, door)
      readable.push(...parts)
      for (const { pattern } of parts)
        if (pattern.text !== asked.pattern) askedAs.set(pattern.text, asked.pattern)
    } catch (caught) {
      const err = AppError.from(caught)
      onRefused(err)
      refused.push({ pattern: asked.pattern, error: err.toWire() })
    }
  }
  // A copy has no room for more; the list is kept for as long as the subscription.
  const wanted = { id, patterns: readable.slice(), refused }
  for (const { pattern } of patterns) askedAs.delete(pattern)
  return askedAs.size === 0 ? wanted : { ...wanted, askedAs }
}

function readableOf(asked: PatternRequest, door: Door): readonly SubscribedPattern[] {
  const { hub, site } = door
  const whole = hub.readPattern(asked)
  assertServed(whole.pattern, site)
  assertRate(asked)
  const parts = readableParts(door, asked.pattern)
  if (parts.length === 1 && parts[0] === asked.pattern) return [whole]
  return parts.map(pattern => hub.readPattern({ ...asked, pattern }))
}

/** A rate that nothing goes by would leave its client believing that it gets less than it does. */
function assertRate({ pattern, quality, rate }: PatternRequest): void {
  if (rate === undefined || (quality ?? defaultQualityOf(pattern)) !== 'all') return
  const detail = `'rate' is ${rate} beside '${pattern}'; expected: 'quality' latest or minmax with it, or no rate`
  throw new AppError('GTW_RATE_OF_ALL', { detail })
}

const streams = servedStreams.map(({ name }) => name)

function assertServed(pattern: Pattern, site: string): void {
  if (isKeptUnder(pattern, { streams, site })) return
  const forms = keptForms({ streams, site })
  const nearest = forms.filter(form => form.startsWith(`${pattern.tokens[0]}.`))
  const expected = (nearest.length > 0 ? nearest : forms).join(', ')
  throw new AppError('GTW_NOT_SERVED', { detail: `'${pattern.text}'; expected one under: ${expected}` })
}
