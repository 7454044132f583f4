import type { ProducerProfile } from '@meridian/catalogue'

/** What a producer asks for of its node. There is no limit of CPU: it would slow down what must not wait. */
export interface ProfileResources {
  readonly cpuMilli: number
  readonly memoryMi: number
}

/** What each profile asks for; `tiny` is what deploy/base/producer asks for by itself. */
export const profileTable: Readonly<Record<Exclude<ProducerProfile, 'tiny'>, ProfileResources>> = {
  ess: { cpuMilli: 20, memoryMi: 128 },
  queue: { cpuMilli: 50, memoryMi: 160 },
  hot: { cpuMilli: 200, memoryMi: 192 }
}

/** Memory at which a process is ended, in MiB. */
export const memoryLimitOf = ({ memoryMi }: ProfileResources): number => 2 * memoryMi

/** Heap of Node in MiB: three quarters of the limit; buffers and the process itself need the rest. */
export const heapOf = (resources: ProfileResources): number => Math.floor(0.75 * memoryLimitOf(resources))
