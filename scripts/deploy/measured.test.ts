import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../root.ts'
import { createRendering, pick } from './policy/test-rendering.ts'
import { readQuantity } from './quantity.ts'
import type { Resource } from './resource.ts'

/** The rows of deploy/README.md on what processes used: memory in MiB, and what is requested. */
const measured = new Map(
  [
    ...readFileSync(join(root, 'deploy/README.md'), 'utf8').matchAll(
      /^\| (\w+) \| \d+m \| (\d+) \| (\d+m), (\d+Mi) \|/gm
    )
  ].map(([, name = '', mib, cpu, memory]) => [name, { mib: Number(mib), requests: { cpu, memory } }])
)

const requestsOf = (all: readonly Resource[], name: string) =>
  pick(all, 'Deployment', name).spec?.template?.spec?.containers[0]?.resources?.requests

t.test('what the page says that processes request is what they request', async t => {
  const all = createRendering()
  for (const name of ['gateway', 'api', 'commander'])
    t.same(requestsOf(all, name), measured.get(name)?.requests, name)
})

t.test('an api that uses what was measured comes back to its least number of pods', async t => {
  const { spec } = pick(createRendering(), 'HorizontalPodAutoscaler', 'api')
  const memory = spec?.metrics?.find(({ resource }) => resource?.name === 'memory')
  const share = (memory?.resource?.target.averageUtilization ?? Number.NaN) / 100
  const api = measured.get('api')
  const targetMib = (readQuantity(api?.requests.memory) * share) / 2 ** 20
  const { minReplicas = Number.NaN, maxReplicas = Number.NaN } = spec ?? {}
  for (let pods = maxReplicas; pods > minReplicas; pods--)
    t.ok(Math.ceil((pods * (api?.mib ?? Number.NaN)) / targetMib) < pods, `from ${pods}`)
})
