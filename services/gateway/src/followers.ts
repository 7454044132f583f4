import { type Broker, createFollower, createRarely, type Follower } from '@meridian/broker'
import type { HeldSubjects, Hub, StreamOptions } from '@meridian/fanout'
import { degraded, notReady, ready, type ServicePart } from '@meridian/service'
import { traitsOf } from '@meridian/subjects'
import type { Logger } from 'pino'
import { addLagMetrics } from './gateway-metrics.ts'

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
  /** Names of streams that the broker does not have any more. */
  missing(): readonly string[]
  /** Of each stream, how many messages it held behind the last one that was read. */
  lags(): readonly { readonly stream: string; readonly messages: () => number }[]
}

/** The part of a gateway that follows its streams; the ring of the hub reaches back `ringMs`. */
export function followersPart(hub: Hub, ringMs: number): ServicePart & Pick<Followers, 'missing'> {
  let running: Followers | undefined
  return {
    name: 'the streams',
    async start({ broker, name, log, metrics }) {
      running = createFollowers(broker, hub, { name, ringMs, log })
      addLagMetrics(metrics, running)
      await running.start()
    },
    stop: () => running?.stop(),
    missing: () => running?.missing() ?? [],
    readiness() {
      const [missing, cold] = [running?.missing() ?? [], running?.cold() ?? []]
      if (missing.length > 0) return degraded(`the broker does not have ${missing.join(', ')} any more`)
      return cold.length === 0 ? ready : notReady(`waiting for the past of ${cold.join(', ')}`)
    }
  }
}

/** Feeds a hub from the broker: one consumer per stream, however many clients there are. */
function createFollowers(
  broker: Broker,
  hub: Hub,
  { name, ringMs, log }: { name: string; ringMs: number; log: Logger }
): Followers {
  const logRarely = createRarely()
  const forget = async (stream: string, held: HeldSubjects): Promise<void> => {
    const topics = await hub.keepOnly(stream, held)
    if (topics > 0) log.info({ stream, topics }, 'stream holds nothing of these topics any more: they end')
  }
  const followers = servedStreams.map(({ name: stream, kind }) => {
    let missed = 0
    const follower: Follower = createFollower(broker, {
      name,
      stream,
      start: kind === 'state' ? { kind: 'last-per-subject' } : { kind: 'since', ms: ringMs },
      log,
      onMessage: message => hub.message(stream, message),
      onHole(hole) {
        const lost = hub.hole(stream, hole)
        if (lost === undefined) return
        missed += lost.to - lost.from + 1
        logRarely(stream, () =>
          log.warn(
            { stream, ...lost, missed },
            'stream dropped messages before they were read: clients are told'
          )
        )
      },
      // What was forgotten while there was no broker: topics of a log end with the ring.
      ...(kind === 'state' && { onSubjects: (held: HeldSubjects) => forget(stream, held) }),
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
    lags: () =>
      followers.map(({ stream, follower }) => ({ stream, messages: () => follower.stats().pending })),
    missing: () =>
      followers
        .filter(({ follower }) => follower.stats().failing?.code === 'BRK_NO_STREAM')
        .map(({ stream }) => stream),
    cold: () => followers.filter(({ follower }) => !follower.ready()).map(({ stream }) => stream)
  }
}
