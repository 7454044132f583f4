/**
 * A real kube-apiserver takes every overlay, and refuses what Kubernetes would refuse. It is built with Go the first
 * time, which takes minutes.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { stringify } from 'yaml'
import { overlays, type Rendering, renderOverlay } from '../deploy/render.ts'
import { type Resource, readResources } from '../deploy/resource.ts'
import { faultsOfServer } from '../deploy/server/check.ts'
import { root } from '../root.ts'

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

/** What docs/operations.md shows for a backup every night, and the Job that comes of it, of which a pod is tried. */
function backupOfPage(): Rendering {
  const page = readFileSync(join(root, 'docs/operations.md'), 'utf8')
  const blocks = page.split('```yaml\n').map(text => text.slice(0, text.indexOf('```')))
  const yaml = blocks.find(text => text.includes('kind: CronJob')) ?? ''
  const shown = readResources(yaml).map(({ metadata, ...rest }) => ({
    ...rest,
    metadata: { ...metadata, namespace: 'meridian' }
  }))
  const resources = [...shown, ...shown.flatMap(jobOf)]
  const text = resources.map(resource => stringify(resource)).join('---\n')
  return { name: 'backup', text, resources, seconds: 0 }
}

function jobOf({ kind, metadata, spec }: Resource): Resource[] {
  const { jobTemplate } = spec as { readonly jobTemplate?: { readonly spec: object } }
  if (kind !== 'CronJob' || jobTemplate === undefined) return []
  return [{ apiVersion: 'batch/v1', kind: 'Job', metadata, spec: jobTemplate.spec }]
}

t.test('the backup of every night that docs/operations.md shows is taken', async t => {
  const backup = backupOfPage()
  t.same(
    backup.resources.map(({ kind }) => kind),
    ['PersistentVolumeClaim', 'CronJob', 'Job']
  )
  const broken = changed(backup, 'concurrencyPolicy: Forbid', 'concurrencyPolicy: Sometimes')
  const faults = await faultsOfServer([backup, broken])
  const of = (name: string): string[] => faults.filter(fault => fault.name === name).map(({ what }) => what)
  t.same(of('backup'), [])
  t.match(of(broken.name).join('\n'), /concurrencyPolicy/)
})
