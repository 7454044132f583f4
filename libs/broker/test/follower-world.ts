import { createTestLog, type TestNats } from '@meridian/testing'
import type { Test } from 'tap'
import { append, type Broker, createFollower, type FollowerStart, type StreamMessage } from '../src/index.ts'
import { startTestSite } from '../testing/index.ts'

/** A start with what a cache needs. */
export const LAST: FollowerStart = { kind: 'last-per-subject' }
/** What a message of these tests carries. */
export const text = (message: StreamMessage): string => Buffer.from(message.data).toString()
/** A telemetry subject of the test component. */
export const tel = (topic: string | number): string => `tel.summit.Test.0.${topic}`

/** A broker that ends with the test. */
export async function setUp(t: Test): Promise<{ nats: TestNats; broker: Broker }> {
  const { nats, broker, stop } = await startTestSite()
  t.teardown(stop)
  return { nats, broker }
}

/** A follower that keeps what it got; a reset forgets it, as a cache would. */
export function follow(t: Test, broker: Broker, start: FollowerStart = LAST, stream = 'TEL') {
  const received: StreamMessage[] = []
  const resets: string[] = []
  const follower = createFollower(broker, {
    name: 'check',
    stream,
    start,
    onMessage: message => void received.push(message),
    onReset(reason) {
      resets.push(reason)
      received.length = 0
    },
    log: createTestLog()
  })
  t.teardown(() => follower.stop())
  return { follower, received, resets }
}

/** Stores a message; resolves when it is stored. */
export const put = (broker: Broker, subject: string, data: string) => append(broker, { subject, data })
