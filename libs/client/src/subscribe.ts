import type { PatternRequest } from '@meridian/protocol/live'
import type { Channel } from './channel.ts'
import type { Registry, SubscriptionEntry } from './registry.ts'
import type { Subscription, SubscriptionHandlers } from './types.ts'

type Subscribe = (
  patterns: readonly (string | PatternRequest)[],
  handlers: SubscriptionHandlers
) => Subscription

/**
 * Creates what makes the subscriptions of a client and asks for them on every channel that is open; a channel
 * that opens later asks by itself for what the registry holds.
 */
export function createSubscribe(registry: Registry, channels: Iterable<Channel>): Subscribe {
  const ask = ({ id, wanted }: SubscriptionEntry): void => {
    for (const channel of channels) {
      if (wanted.requests.length > 0) channel.subscribe({ id, patterns: wanted.requests })
      else channel.send({ op: 'unsubscribe', id })
    }
  }
  return (patterns, handlers) => {
    const entry = registry.add(patterns, handlers)
    ask(entry)
    return {
      close() {
        if (entry.isClosed) return
        registry.remove(entry)
        for (const channel of channels) channel.send({ op: 'unsubscribe', id: entry.id })
      },
      update(next) {
        if (entry.isClosed) return
        registry.replace(entry, next)
        ask(entry)
      }
    }
  }
}
