import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../root.ts'
import { createRendering, pick } from './policy/test-rendering.ts'
import { readQuantity } from './quantity.ts'
import type { Resource } from './resource.ts'

const page = readFileSync(join(root, 'deploy/README.md'), 'utf8')
/** The rows of that page on what processes used: memory in MiB, and what is requested. */
const measured = new Map(
  [...page.matchAll(/^\| (\w+) \| \d+m \| (\d+) \| (\d+m), (\d+Mi) \|/gm)].map(
    ([, name = '', mib, cpu, memory]) => [name, { mib: Number(mib), requests: { cpu, memory } }]
  )
)

const requestsOf = (all: readonly Resource[], name: string) =>
  pick(all, 'Deployment', name).spec?.template?.spec?.containers[0]?.resources?.requests

t.test('what the page says that processes request is what they request', async t => {
  const all = createRendering()
  for (const name of ['gateway', 'api', 'commander'])
    t.same(requestsOf(all, name), measured.get(name)?.requests, name)
})

/** What the page says that a gateway uses which nobody watches, MiB. */
const idleGatewayMib = Number(/^\| gateway without clients \| \d+m \| (\d+) \|/m.exec(page)?.[1])

/** The memory that the autoscaler of a service keeps its pods at, MiB, and the bounds of their number. */
function memoryTargetOf(name: string) {
  const { spec } = pick(createRendering(), 'HorizontalPodAutoscaler', name)
  const memory = spec?.metrics?.find(({ resource }) => resource?.name === 'memory')
  const share = (memory?.resource?.target.averageUtilization ?? Number.NaN) / 100
  const targetMib = (readQuantity(measured.get(name)?.requests.memory) * share) / 2 ** 20
  const { minReplicas = Number.NaN, maxReplicas = Number.NaN } = spec ?? {}
  return { targetMib, minReplicas, maxReplicas }
}

for (const [what, name, mib] of [
  ['an api that uses what was measured', 'api', measured.get('api')?.mib ?? Number.NaN],
  ['a gateway without clients', 'gateway', idleGatewayMib]
] as const)
  t.test(`${what} comes back to its least number of pods, and does not leave it`, async t => {
    const { targetMib, minReplicas, maxReplicas } = memoryTargetOf(name)
    const wanted = (pods: number): number => Math.ceil((pods * mib) / targetMib)
    for (let pods = maxReplicas; pods > minReplicas; pods--) t.ok(wanted(pods) < pods, `from ${pods}`)
    t.ok(wanted(minReplicas) <= minReplicas)
  })

t.test('a gateway with the clients that were measured starts no other one', async t => {
  const { targetMib } = memoryTargetOf('gateway')
  t.ok((measured.get('gateway')?.mib ?? Number.NaN) < targetMib)
})
