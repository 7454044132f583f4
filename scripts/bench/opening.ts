import { eventOf, patternOf } from '@meridian/subjects'
import { rounded, summariseLatency } from './cpu.ts'
import { createSampler, type GatewayWorld, settle, startGatewayWorld } from './gateway-world.ts'
import { openView } from './open-view.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const SUMMARY = { site: 'summit', csc: 'Summary', topic: 'summaryState' }
const TOPICS = 526
const OPENINGS = 40
const AT_ONCE = 50
const MOST_MS = 30
const MOST_AT_ONCE_MS = 300

interface Opening {
  readonly ms: number
  readonly isComplete: boolean
}

/** B5: from opening a socket to the complete snapshot of 526 topics, one opening after another. */
export function benchOpening(_options: BenchOptions): Promise<BenchResult> {
  return withSummary(async address => {
    const openings: Opening[] = []
    for (let i = 0; i < OPENINGS; i++) openings.push(await openSummary(address))
    const { p95 } = summariseLatency(openings.map(({ ms }) => ms))
    return {
      id: 'B5',
      what: `opening a view of ${TOPICS} topics, from connecting to the complete snapshot`,
      target: `p95 <= ${MOST_MS} ms`,
      figures: openingFigures(openings),
      reached: openings.every(({ isComplete }) => isComplete) ? p95 <= MOST_MS : 'invalid',
      notes: [
        `${OPENINGS} openings one after another, decoded in the bench's own process; the bound is held by p95`
      ]
    }
  })
}

/** B5b: fifty of them at the same moment. */
export function benchOpeningsAtOnce(_options: BenchOptions): Promise<BenchResult> {
  return withSummary(async address => {
    // What the first ones meet is a process that has compiled nothing yet.
    for (let i = 0; i < OPENINGS / 2; i++) await openSummary(address)
    const openings = await Promise.all(Array.from({ length: AT_ONCE }, () => openSummary(address)))
    const { max } = summariseLatency(openings.map(({ ms }) => ms))
    return {
      id: 'B5b',
      what: `the same, ${AT_ONCE} at once`,
      target: `all within ${MOST_AT_ONCE_MS} ms`,
      figures: openingFigures(openings),
      reached: openings.every(({ isComplete }) => isComplete) ? max <= MOST_AT_ONCE_MS : 'invalid',
      notes: [`after ${OPENINGS / 2} one by one; the bench's own process decodes all ${AT_ONCE} of them`]
    }
  })
}

async function withSummary(measure: (address: string) => Promise<BenchResult>): Promise<BenchResult> {
  const world = await startGatewayWorld(1)
  try {
    await fillSummary(world)
    return await measure(world.gateways[0]?.address ?? '')
  } finally {
    await world.close()
  }
}

async function fillSummary({ broker }: GatewayWorld): Promise<void> {
  const sample = createSampler(300)
  const subjects = Array.from({ length: TOPICS }, (_, i) => eventOf({ ...SUMMARY, index: i }))
  for (const subject of subjects) broker.publish(subject, sample(subject))
  await settle(1_000)
}

function openingFigures(openings: readonly Opening[]): Readonly<Record<string, number>> {
  const summary = summariseLatency(openings.map(({ ms }) => ms))
  return {
    'p50 ms': rounded(summary.median, 1),
    'avg ms': rounded(summary.avg, 1),
    'min ms': rounded(summary.min, 1),
    'p90 ms': rounded(summary.p90, 1),
    'p95 ms': rounded(summary.p95, 1),
    'p99 ms': rounded(summary.p99, 1),
    'max ms': rounded(summary.max, 1),
    'success rate': openings.filter(({ isComplete }) => isComplete).length / openings.length
  }
}

async function openSummary(address: string): Promise<Opening> {
  const { ms, topics } = await openView(address, patternOf('evt', SUMMARY))
  return { ms, isComplete: topics === TOPICS }
}
