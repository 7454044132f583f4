// A client before a scripted gateway, and what its subscriptions hear.
import type { ServerRecord, SubscriptionRequest } from '@meridian/protocol/live'
import { waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import { type ClientOptions, createClient, type Outcome, type Update } from '../src/index.ts'
import { type ScriptOptions, startScriptedServer, type Visitor } from './scripted-server.ts'

const QUICK = { backoff: { baseMs: 1, capMs: 5 }, pingMs: 10_000 } as const
/** A telemetry topic that tests watch. */
export const AZIMUTH = 'tel.summit.MTMount.0.azimuth'
/** An event that tests watch. */
export const STATE = 'evt.summit.MTMount.0.summaryState'

/** A client that is not connected yet, before a gateway that answers by the script; both end with the test. */
export async function setUp(t: Test, script: ScriptOptions = {}, options: Partial<ClientOptions> = {}) {
  const server = await startScriptedServer(script)
  t.teardown(() => server.stop())
  const client = createClient({ url: server.url, ...QUICK, ...options })
  t.teardown(() => client.close())
  return { server, client }
}

/** Waits until it is true, as long as `waitFor` does. */
export const until = (predicate: () => boolean): Promise<unknown> =>
  waitFor(predicate, { what: String(predicate), timeoutMs: 15_000, everyMs: 2 })

/** A recording subscription. */
export function recorder() {
  const updates: Update[] = []
  const outcomes: Outcome[] = []
  const calls: string[] = []
  return {
    updates,
    outcomes,
    calls,
    seqs: () => updates.map(({ seq }) => seq),
    handlers: {
      onData(update: Update) {
        updates.push(update)
        calls.push(`${update.snapshot ? 'snapshot' : 'update'} ${update.seq}`)
      },
      onLive: () => void calls.push('live'),
      onOutcome: (outcome: Outcome) => void outcomes.push(outcome),
      onFlush: () => void calls.push('flush'),
      onRefused: (refused: readonly { pattern: string }[]) =>
        void calls.push(`refused ${refused[0]?.pattern}`)
    }
  }
}

/** The announcement of topics by number and subject. */
export const topics = (...list: [number, string][]): ServerRecord => ({ op: 'topics', topics: list })
/** One data record; its time is that of the scripted gateway. */
export const data = (topic: number, seq: number, fields: Record<string, unknown> = {}): ServerRecord => [
  topic,
  seq,
  1000 + seq,
  fields
]
/** The answer to a subscription of one topic. */
export const subscribed = (id: number): ServerRecord => ({ op: 'subscribed', id, topics: 1, refused: [] })
/** The end of last values, with the cursor from there on. */
export const live = (id: number, cursor: string): ServerRecord => ({ op: 'live', id, cursor })

/** Answers the next `subscribe` with these last values. */
export async function answer(
  visitor: Visitor,
  cursor: string,
  ...values: ServerRecord[]
): Promise<SubscriptionRequest> {
  const request = await visitor.next('subscribe')
  visitor.say(subscribed(request.id), ...values, live(request.id, cursor))
  return request
}
