import { loadCatalogue } from '@meridian/catalogue'
import type { FoundPartition } from '@meridian/sal'
import t from 'tap'
import { parseAssignment } from '../../assignment.ts'
import type { SharedTopic } from '../../stored/stored-samples.ts'
import { beginningsOf } from './beginnings.ts'

const catalogue = loadCatalogue()
const NOW_MS = Date.UTC(2026, 10, 29)
const MINUTE_MS = 60_000
const late: number[] = []

/** Topics of Kafka with a record each second, offset 0 a hundred minutes ago. */
const FIRST_MS = NOW_MS - 100 * MINUTE_MS
const END = 6_000n

interface Held {
  readonly sinceMs?: number
  readonly indices?: readonly number[]
  readonly keys?: readonly string[]
}

async function beginningOf(topic: SharedTopic, { sinceMs, indices = [], keys = [] }: Held) {
  const found: FoundPartition = { topic: 'x', partition: 0, earliest: 100n, end: END }
  const [beginning] = await beginningsOf([found], {
    offsetsSince: async (_topics, ms) => () => {
      const offset = BigInt(Math.max(0, Math.ceil((ms - FIRST_MS) / 1000)))
      return offset >= END ? undefined : offset
    },
    stored: { sinceMs: () => sinceMs, instances: () => new Set(indices) },
    assignment: parseAssignment('rest', '', () => new Map()),
    catalogue,
    instances: [1, 2].map(index => ({ csc: 'MTHexapod', index })),
    nowMs: () => NOW_MS,
    catchUpMs: 60 * MINUTE_MS,
    scriptsKeptMs: 30 * MINUTE_MS,
    topicOf: () => topic,
    keysOf: () => keys,
    onLate: (_topic, fromMs, toMs) => late.push(fromMs, toMs)
  })
  return beginning
}

const telemetry = { csc: 'MTHexapod', kind: 'tel', name: 'application' } as const
const event = { csc: 'MTHexapod', kind: 'evt', name: 'summaryState' } as const

t.test('telemetry begins where the streams stand, and now where they have nothing', async t => {
  t.same(await beginningOf(telemetry, {}), { from: END, liveFrom: END, end: END })
  const sinceMs = NOW_MS - 10 * MINUTE_MS
  t.same(await beginningOf(telemetry, { sinceMs }), { from: 5_400n, liveFrom: 5_400n, end: END })
  t.same(late, [])
  t.match(await beginningOf(telemetry, { sinceMs: NOW_MS - 90 * MINUTE_MS }), { from: 2_400n })
  t.same(late, [NOW_MS - 90 * MINUTE_MS, NOW_MS - 60 * MINUTE_MS], 'what is longer ago is told')
})

t.test('events are looked for further back where an instance has none stored', async t => {
  const sinceMs = NOW_MS - 90 * MINUTE_MS
  t.same(await beginningOf(event, {}), { from: 100n, liveFrom: END, end: END })
  t.match(await beginningOf(event, { sinceMs, indices: [1] }), { from: 100n, liveFrom: 600n })
  t.match(await beginningOf(event, { sinceMs, indices: [1, 2] }), { from: 600n, liveFrom: 600n })
})

t.test('of a topic of one instance without keys the last record is enough', async t => {
  const single = { csc: 'MTMount', kind: 'evt', name: 'summaryState' } as const
  t.match(await beginningOf(single, {}), { from: END - 1n, liveFrom: END })
  t.match(await beginningOf({ ...single, name: 'error' }, { keys: ['code'] }), { from: 100n, liveFrom: END })
})

t.test('scripts are looked for no further back than their stream keeps them', async t => {
  const script = { csc: 'Script', kind: 'evt', name: 'state' } as const
  t.match(await beginningOf(script, {}), { from: 4_200n, liveFrom: END })
})
