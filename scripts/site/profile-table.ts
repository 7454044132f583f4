import type { ProducerProfile } from '@meridian/catalogue'

/** What a producer asks for of its node. There is no limit of CPU: it would slow down what must not wait. */
export interface ProfileResources {
  readonly cpuMilli: number
  readonly memoryMi: number
}

/**
 * What each profile asks for; `tiny` is what deploy/base/producer asks for by itself. Beside each, what its
 * producers used of a core and of resident memory with the nominal rates of the summit, 40 s, two cores that others
 * used as well; the larger figure is that of deploy/README.md where it has one.
 */
export const profileTable: Readonly<Record<Exclude<ProducerProfile, 'tiny'>, ProfileResources>> = {
  // Some messages a second. ESS:303: 8m, 84 MiB.
  ess: { cpuMilli: 12, memoryMi: 96 },
  // The scripts of a night are reduced here. ScriptQueue:1: 12m, 84 MiB, and more while scripts are many.
  queue: { cpuMilli: 30, memoryMi: 128 },
  // More than 50 messages a second. MTM1M3's telemetry 01: 68m, 119 MiB; MTMount's: 63m, 115 MiB; MTRotator: 34m, 75 MiB.
  hot: { cpuMilli: 75, memoryMi: 160 }
}

/** Memory at which a process is ended, in MiB. */
export const memoryLimitOf = ({ memoryMi }: ProfileResources): number => 2 * memoryMi

/** Heap of Node in MiB: three quarters of the limit; buffers and the process itself need the rest. */
export const heapOf = (resources: ProfileResources): number => Math.floor(0.75 * memoryLimitOf(resources))
