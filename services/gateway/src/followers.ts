import { type Broker, createFollower, type Follower } from '@meridian/broker'
import type { Hub, StreamOptions } from '@meridian/fanout'
import { traitsOf } from '@meridian/subjects'
import type { Logger } from 'pino'

/** The streams that a gateway serves. */
export const servedStreams = [
  traitsOf('TEL'),
  traitsOf('EVT'),
  traitsOf('SCRIPT'),
  traitsOf('COMMANDS')
] as const satisfies readonly StreamOptions[]

/** All followers of a gateway as one. */
export interface Followers {
  /** Resolves when all streams have delivered their past. */
  start(): Promise<void>
  stop(): Promise<void>
  /** Names of streams whose past is not delivered yet, or not any more. */
  cold(): readonly string[]
}

/** Feeds a hub from the broker: one consumer per stream, however many clients there are. */
export function createFollowers(
  broker: Broker,
  hub: Hub,
  { name, ringMs, log }: { name: string; ringMs: number; log: Logger }
): Followers {
  const followers = servedStreams.map(({ name: stream, kind }) => {
    const follower: Follower = createFollower(broker, {
      name,
      stream,
      start: kind === 'state' ? { kind: 'last-per-subject' } : { kind: 'since', ms: ringMs },
      log,
      onMessage: message => hub.message(stream, message),
      onHole(hole) {
        log.warn({ stream, ...hole }, 'stream dropped messages before they were read: clients are told')
        hub.hole(stream, hole)
      },
      onReset(reason) {
        log.warn({ stream, reason }, 'stream is another one')
        hub.reset(stream)
        void follower.whenReady().then(() => hub.warm(stream, follower.head()))
      }
    })
    return { stream, follower }
  })
  return {
    async start() {
      await Promise.all(
        followers.map(async ({ stream, follower }) => {
          await follower.start()
          await follower.whenReady()
          hub.warm(stream, follower.head())
        })
      )
    },
    async stop() {
      await Promise.all(followers.map(({ follower }) => follower.stop()))
    },
    cold: () => followers.filter(({ follower }) => !follower.ready()).map(({ stream }) => stream)
  }
}
