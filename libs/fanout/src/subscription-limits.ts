import { AppError } from '@meridian/errors'
import type { Subscriptions } from './membership.ts'

/** What the subscriptions of one connection may be together. */
export interface SubscriptionLimits {
  readonly maxSubscriptions: number
  /** Patterns of all its subscriptions. */
  readonly maxPatterns: number
  /** Names of fields that its patterns choose; a choice that several patterns share counts once. */
  readonly maxFields: number
}

/** Throws GTW_TOO_MANY_SUBSCRIPTIONS, GTW_TOO_MANY_PATTERNS or GTW_TOO_MANY_FIELDS. */
export function assertWithinLimits(subscriptions: Subscriptions, limits: SubscriptionLimits): void {
  const { maxSubscriptions, maxPatterns, maxFields } = limits
  if (subscriptions.size > maxSubscriptions)
    throw new AppError('GTW_TOO_MANY_SUBSCRIPTIONS', { limit: maxSubscriptions })
  if (countPatterns(subscriptions) > maxPatterns)
    throw new AppError('GTW_TOO_MANY_PATTERNS', { limit: maxPatterns })
  if (countFields(subscriptions) > maxFields) throw new AppError('GTW_TOO_MANY_FIELDS', { limit: maxFields })
}

function countPatterns(subscriptions: Subscriptions): number {
  let patterns = 0
  for (const { length } of subscriptions.values()) patterns += length
  return patterns
}

function countFields(subscriptions: Subscriptions): number {
  const counted = new Set<object>()
  let fields = 0
  for (const patterns of subscriptions.values())
    for (const { projection } of patterns) {
      if (projection === undefined || counted.has(projection)) continue
      counted.add(projection)
      fields += projection.names.length
    }
  return fields
}
