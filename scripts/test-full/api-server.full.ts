/**
 * A real kube-apiserver takes every overlay, and refuses what Kubernetes would refuse. It is built with Go the first
 * time, which takes minutes.
 */
import t from 'tap'
import { stringify } from 'yaml'
import { backupOfPage } from '../deploy/policy/test-rendering.ts'
import { overlays, type Rendering, renderOverlay } from '../deploy/render.ts'
import { readResources } from '../deploy/resource.ts'
import { faultsOfServer } from '../deploy/server/check.ts'

t.setTimeout(580_000)

/** The rendering as it is after a change of its text. */
function changed(rendering: Rendering, from: string | RegExp, to: string): Rendering {
  const text = rendering.text.replace(from, to)
  return { ...rendering, name: to, text, resources: readResources(text) }
}

t.test(
  'every overlay is taken; what Kubernetes refuses, and what no restricted namespace runs, is found',
  async t => {
    const places = await Promise.all(overlays().map(renderOverlay))
    const local = places.find(({ name }) => name === 'local')
    if (local === undefined) throw new Error('there is no overlay local')
    const broken: readonly (readonly [Rendering, RegExp])[] = [
      [changed(local, /maxSurge: 1/, 'maxSurge: many'), /maxSurge/],
      [changed(local, /runAsNonRoot: true/, 'runAsNonRoot: false'), /PodSecurity.*runAsNonRoot/],
      [
        changed(local, /allowPrivilegeEscalation: false/, 'allowPrivilegeEscalation: true'),
        /allowPrivilegeEscalation/
      ],
      [changed(local, /matchLabels:/, 'matchLabel:'), /matchLabel/]
    ]
    const faults = await faultsOfServer([...places, ...broken.map(([rendering]) => rendering)])
    const of = (name: string): string[] => faults.filter(fault => fault.name === name).map(({ what }) => what)
    for (const { name } of places) t.same(of(name), [], name)
    for (const [{ name }, found] of broken) t.match(of(name).join('\n'), found, name)
  }
)

t.test('the backup of every night that docs/operations.md shows is taken', async t => {
  const resources = backupOfPage()
  const text = resources.map(resource => stringify(resource)).join('---\n')
  const backup: Rendering = { name: 'backup', text, resources, seconds: 0 }
  t.same(
    resources.map(({ kind }) => kind),
    ['PersistentVolumeClaim', 'CronJob']
  )
  const broken = changed(backup, 'concurrencyPolicy: Forbid', 'concurrencyPolicy: Sometimes')
  const faults = await faultsOfServer([backup, broken])
  const of = (name: string): string[] => faults.filter(fault => fault.name === name).map(({ what }) => what)
  t.same(of('backup'), [])
  t.match(of(broken.name).join('\n'), /concurrencyPolicy/)
})
