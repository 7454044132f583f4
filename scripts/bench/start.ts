/**
 * B14: what a service costs until it is ready: CPU of its process, user and system, from its start to the
 * first `/readyz` that says yes.
 */

import { startTestSite } from '@meridian/broker/testing'
import { cpuUsOf, rounded, summariseLatency } from './cpu.ts'
import type { BenchOptions, BenchResult } from './result.ts'
import { startService } from './service-process.ts'

const SERVICES = ['gateway', 'commander', 'api', 'producer', 'simulator'] as const
const STARTS = 5
const MOST_SECONDS = 0.25

/** Starts each service five times, one after the other, with a broker that runs and has its streams. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const { nats, stop } = await startTestSite()
  try {
    const medians: [string, number][] = []
    for (const name of SERVICES) medians.push([`${name} CPU s`, await medianCpuSeconds(name, nats.url)])
    return {
      id: 'B14',
      what: `CPU of one service from its start until it is ready, median of ${STARTS} starts`,
      target: `<= ${MOST_SECONDS} s`,
      figures: Object.fromEntries(medians),
      reached: medians.every(([, seconds]) => seconds <= MOST_SECONDS),
      notes: ['all threads of the process, to a hundredth of a second; the bundle, as an image runs it']
    }
  } finally {
    await stop()
  }
}

async function medianCpuSeconds(name: string, natsUrl: string): Promise<number> {
  const seconds: number[] = []
  for (let i = 0; i < STARTS; i++) {
    const service = await startService(name, natsUrl)
    seconds.push(cpuUsOf(service.pid) / 1e6)
    await service.stop()
  }
  return rounded(summariseLatency(seconds).median)
}
