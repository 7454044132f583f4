import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import type { MetricEntry } from './metric-entry.ts'
import { createMetrics } from './metrics.ts'
import { metricsTable } from './metrics-table.ts'

const root = new URL('../../../', import.meta.url).pathname

t.test('docs/metrics.md lists each metric once, with its type and labels', async t => {
  const documented = readFileSync(`${root}docs/metrics.md`, 'utf8')
    .split('\n')
    .map(line => /^\| (meridian_\w+) \| (\w+) \| ?(.*?) ?\| (.+) \|$/.exec(line))
    .filter(match => match !== null)
    .map(([, name, type, labels]) => `${name} ${type} ${labels}`)
  const table = Object.entries<MetricEntry>(metricsTable).map(
    ([name, { type, labels = [] }]) => `${name} ${type} ${labels.join(', ')}`
  )
  t.same(documented.sort(), table.sort())
})

t.test('no source file spells a metric name that the table lacks', async t => {
  const cookies = ['meridian_access', 'meridian_refresh', 'meridian_log_in', 'meridian_log_in_refusal']
  const known = new Set([...Object.keys(metricsTable), ...cookies])
  const strays: string[] = []
  for (const file of sources('libs', 'services', 'scripts'))
    for (const [name] of readFileSync(join(root, file), 'utf8').matchAll(/\bmeridian_[a-z_]+\b/g)) {
      const base = name.replace(/_(bucket|sum|count)$/, '')
      if (!known.has(name) && !known.has(base)) strays.push(`${file}: ${name}`)
    }
  t.same(strays, [])
})

t.test('a number kept by the hot path is read when somebody scrapes', async t => {
  const metrics = createMetrics('test')
  let reconnects = 3
  metrics.read('meridian_broker_reconnects_total', () => reconnects)
  t.match(await metrics.text(), 'meridian_broker_reconnects_total{service="test"} 3')
  reconnects = 5
  t.match(await metrics.text(), 'meridian_broker_reconnects_total{service="test"} 5')
})

/** Without the folders of tools: those of tests that run beside this one come and go. */
function sources(...folders: string[]): string[] {
  return folders.flatMap(folder =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
      const path = join(folder, entry.name)
      if (entry.isDirectory()) return /^(?:\.|node_modules$|dist$)/.test(entry.name) ? [] : sources(path)
      return /\.tsx?$/.test(entry.name) ? [path] : []
    })
  )
}
