/**
 * S1: the whole system at summit scale as `npm start` runs it: CPU and memory of each process, and that
 * nothing is lost on the way.
 */
import { residentBytesOf, rounded, watchCpu } from './cpu.ts'
import { settle } from './gateway-world.ts'
import type { BenchOptions, BenchResult } from './result.ts'
import { type Summit, startSummit } from './summit.ts'

/** Runs the summit for a while without any browser and measures each process from /proc. */
export async function run({ seconds }: BenchOptions): Promise<BenchResult> {
  const summit = await startSummit()
  try {
    return await measure(summit, seconds)
  } finally {
    await summit.stop()
  }
}

async function measure({ pids, ready }: Summit, seconds: number): Promise<BenchResult> {
  const watches = Object.entries(pids).map(([name, pid]) => ({ name, pid, stop: watchCpu(pid) }))
  const before = await counts(ready)
  await settle(seconds * 1000)
  const after = await counts(ready)
  const processes = watches.map(({ name, pid, stop }) => ({
    name,
    cores: stop().cores,
    bytes: residentBytesOf(pid)
  }))
  const figures = Object.fromEntries(
    processes.map(({ name, cores, bytes }) => [
      name,
      `${rounded(cores * 100, 1)} % of a core, ${Math.round(bytes / 2 ** 20)} MiB`
    ])
  )
  const simulator = processes.find(({ name }) => name === 'simulator')?.cores ?? 1
  const total = processes.reduce((sum, { cores }) => sum + cores, 0)
  const said = after.said - before.said
  const stored = after.stored - before.stored
  return {
    id: 'S1',
    what: `CPU and memory of each process, summit profile, ${seconds} s, no browser`,
    target: 'simulator at most 40 % of a core',
    figures: {
      ...figures,
      'all together': `${rounded(total * 100, 1)} % of a core`,
      'messages/s': Math.round(said / seconds),
      'acknowledged/said': rounded(stored / said, 4)
    },
    reached: said === 0 ? 'invalid' : simulator <= 0.4,
    notes: [
      'said: what the simulator published; acknowledged: what JetStream confirmed to the producers. The counts are scraped a moment apart.'
    ]
  }
}

async function counts(ready: Readonly<Record<string, string>>): Promise<{ said: number; stored: number }> {
  const sum = async (service: string, metric: string): Promise<number> => {
    const pages = Object.entries(ready)
      .filter(([name]) => name.startsWith(service))
      .map(([, url]) => fetch(new URL('/metrics', url)).then(page => page.text()))
    const lines = (await Promise.all(pages))
      .flatMap(page => page.split('\n'))
      .filter(line => line.startsWith(metric))
    return lines.reduce((total, line) => total + Number(line.split(' ').at(-1)), 0)
  }
  return {
    said: await sum('simulator', 'meridian_simulator_messages_total'),
    stored: await sum('producer', 'meridian_producer_acked_total')
  }
}
