import { readQuantity } from './quantity.ts'
import { containersOf, type Resource, type Workload, workloadsOf } from './resource.ts'
import { leastPodsOf } from './scalers.ts'

/** What a place asks for while it is scaled down as far as it goes. */
export interface Totals {
  readonly pods: number
  /** Requested cores. */
  readonly cpu: number
  /** Requested memory in GiB. */
  readonly memoryGib: number
}

/** What a place asks for, and how much of it is for the servers of its broker. */
export interface PlaceTotals {
  readonly all: Totals
  readonly broker: Totals
}

/** Sums the requests of all pods of a rendering, each workload at its least number of pods, its Job included. */
export const sumRequests = (resources: readonly Resource[]): PlaceTotals => ({
  all: sumOf(resources, () => true),
  broker: sumOf(resources, ({ resource }) => resource.kind === 'StatefulSet')
})

function sumOf(resources: readonly Resource[], isCounted: (workload: Workload) => boolean): Totals {
  const total = { pods: 0, cpu: 0, memoryGib: 0 }
  for (const workload of workloadsOf(resources).filter(isCounted)) {
    const pods = leastPodsOf(workload, resources)
    total.pods += pods
    for (const { resources: amounts } of containersOf(workload.pod)) {
      total.cpu += pods * readQuantity(amounts?.requests?.['cpu'])
      total.memoryGib += (pods * readQuantity(amounts?.requests?.['memory'])) / 2 ** 30
    }
  }
  return total
}

/** LOVE at its least, as its manifests of August 2026 render, by place; it does not run at usdf. */
const LOVE: Readonly<Record<string, Totals>> = {
  summit: { pods: 156, cpu: 10.7, memoryGib: 26.2 },
  base: { pods: 128, cpu: 6.7, memoryGib: 19.5 },
  tucson: { pods: 128, cpu: 4.2, memoryGib: 15.4 }
}

/** The table of deploy/README.md: what each place requests at its least, beside LOVE. */
export function requestsTable(places: ReadonlyMap<string, PlaceTotals>): string {
  const rows = [...places].map(([place, { all, broker }]) => {
    const love = LOVE[place]
    const theirs = love === undefined ? '- | - | -' : cellsOf(love)
    return `| ${place} | ${cellsOf(all)} | ${cellsOf(broker)} | ${theirs} |`
  })
  return [
    '| place | pods | CPU | memory, GiB | of it the broker: pods | CPU | memory, GiB | LOVE: pods | CPU | memory, GiB |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...rows
  ].join('\n')
}

const cellsOf = ({ pods, cpu, memoryGib }: Totals): string =>
  `${pods} | ${cpu.toFixed(1)} | ${memoryGib.toFixed(1)}`
