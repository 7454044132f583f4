import { readdirSync, readFileSync } from 'node:fs'

// Clock ticks of /proc are hundredths of a second on every Linux that Node runs on.
const TICK_US = 10_000

/** CPU time of this process so far, all of its threads, in microseconds. */
export function ownCpuUs(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

/** CPU time of another process so far, in microseconds, to a hundredth of a second; Linux only. */
export function cpuUsOf(pid: number): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The name, in parentheses, may hold spaces; utime and stime are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

/**
 * CPU time of the threads that another process has now, to a microsecond: for shares so small that hundredths of
 * a second say nothing. Linux with scheduler statistics only.
 */
function fineCpuUsOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`)
  const nanoseconds = threads.map(thread =>
    Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
  )
  return nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1_000
}

/** Resident memory of a process in bytes; Linux only. */
export function residentBytesOf(pid: number): number {
  const match = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(match?.[1] ?? 0) * 1024
}

/** What a process used between two looks. */
export interface CpuShare {
  readonly us: number
  readonly wallUs: number
  /** CPU used, in cores: 1 is one core fully busy. */
  readonly cores: number
}

/** Measures a process, this one by default, from now until the returned function is called. */
export function watchCpu(pid: number = process.pid): () => CpuShare {
  return watch(() => (pid === process.pid ? ownCpuUs() : cpuUsOf(pid)))
}

/** The same for another process whose share is small; its threads must not end meanwhile. */
export const watchFineCpu = (pid: number): (() => CpuShare) => watch(() => fineCpuUsOf(pid))

function watch(read: () => number): () => CpuShare {
  const fromUs = read()
  const from = performance.now()
  return () => {
    const us = read() - fromUs
    const wallUs = (performance.now() - from) * 1000
    return { us, wallUs, cores: us / wallUs }
  }
}

/** A distribution of latencies, in ms. */
export interface LatencySummary {
  readonly avg: number
  readonly min: number
  readonly median: number
  readonly max: number
  readonly p90: number
  readonly p95: number
  readonly p99: number
}

/** Sums latencies up; all 0 without any. */
export function summariseLatency(latenciesMs: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(latenciesMs).sort()
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  const sum = sorted.reduce((total, latency) => total + latency, 0)
  return {
    avg: sorted.length === 0 ? 0 : sum / sorted.length,
    min: sorted[0] ?? 0,
    median: at(0.5),
    max: sorted.at(-1) ?? 0,
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99)
  }
}

/** A figure with as many digits as anybody reads. */
export const rounded = (value: number, digits = 2): number => Number(value.toFixed(digits))
