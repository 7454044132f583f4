import { readQuantity } from '../quantity.ts'
import type { Container } from '../resource.ts'
import { isOurs, settingOf } from './containers.ts'
import { ofContainers, ofWorkloads, type Rule } from './rule.ts'

const MIB = 2 ** 20

const requestOf = ({ resources }: Container, what: string): number =>
  readQuantity(resources?.requests?.[what])
const limitOf = ({ resources }: Container, what: string): number => readQuantity(resources?.limits?.[what])

function heapFault(container: Container): string | false {
  const heapMib = Number(
    /--max-old-space-size=(\d+)/.exec(settingOf(container, 'NODE_OPTIONS') ?? '')?.[1] ?? Number.NaN
  )
  const expectedMib = Math.round((limitOf(container, 'memory') * 0.75) / MIB)
  return (
    isOurs(container) &&
    heapMib !== expectedMib &&
    `a heap of ${heapMib} MiB, 75 % of its limit are ${expectedMib}`
  )
}

function memoryFault(container: Container): string | false {
  const share = limitOf(container, 'memory') / requestOf(container, 'memory')
  return !(share >= 1 && share <= 2) && 'its memory limit is not between one and two requests'
}

const NOT_EXEC = /^(npm|pnpm|npx|yarn|sh|bash|\/bin\/(ba)?sh)$/

/** Rules of each pod: what it asks for, and what runs in it. */
export const podRules: readonly Rule[] = [
  {
    id: 'R1',
    demands: 'every container requests CPU and memory',
    check: ofContainers(container =>
      ['cpu', 'memory'].map(what => !(requestOf(container, what) > 0) && `no request of ${what}`)
    )
  },
  {
    id: 'R6',
    demands: 'a signal reaches the process: no shell and no package manager before it',
    check: ofContainers(({ command = [], args = [] }) => {
      const first = [...command, ...args][0] ?? ''
      return [NOT_EXEC.test(first) && `it runs under ${first}`]
    })
  },
  {
    id: 'memory-limit',
    demands: 'a memory limit of one to two requests',
    check: ofContainers(container => [memoryFault(container)])
  },
  {
    id: 'heap',
    demands: "the heap of a Node process is three quarters of its container's memory limit",
    check: ofContainers(container => [heapFault(container)])
  },
  {
    id: 'affinity',
    demands: 'affinity has the three parts that Kubernetes knows; others are dropped without a word',
    check: ofWorkloads(({ pod: { affinity = {} } }) =>
      Object.keys(affinity)
        .filter(part => !/^(node|pod|podAnti)Affinity$/.test(part))
        .map(part => `affinity.${part} means nothing`)
    )
  }
]
