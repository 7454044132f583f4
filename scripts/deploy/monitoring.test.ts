/** What the component monitoring tells Prometheus and Grafana exists: its metrics, and the runbook of each alert. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { root } from '../root.ts'

const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const monitoring = 'deploy/components/monitoring'

interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: { readonly summary: string; readonly runbook: string }
}
const { spec } = parse(read(`${monitoring}/prometheus-rule.yaml`)) as {
  readonly spec: { readonly groups: readonly { readonly rules: readonly Alert[] }[] }
}
const alerts = spec.groups.flatMap(({ rules }) => rules)
const dashboard = JSON.parse(read(`${monitoring}/meridian.json`)) as {
  readonly panels: readonly {
    readonly title: string
    readonly targets: readonly { readonly expr: string }[]
  }[]
}

/** The table of docs/metrics.md, which a test of libs/service keeps true: type and labels by name. */
const metricsTable = new Map(
  [...read('docs/metrics.md').matchAll(/^\| (meridian_\w+) \| (\w+) \|([^|]*)\|/gm)].map(
    ([, name = '', type, labels = '']) =>
      [name, { type, labels: labels.split(',').map(label => label.trim()) }] as const
  )
)

/** What the page tells of the broker, which the full test `site-brokers` asks a real server for. */
const brokerMetrics = [...read('docs/metrics.md').matchAll(/^\| (nats_\w+) \|/gm)].map(([, name]) => name)

/** Names of ours and of the broker in a query, the series of a histogram by its name. */
const metricsIn = (query: string): string[] =>
  (query.match(/\b(?:meridian|nats)_\w+/g) ?? []).map(name => {
    const base = name.replace(/_(bucket|sum|count)$/, '')
    return metricsTable.get(base)?.type === 'histogram' ? base : name
  })

const labelsIn = (query: string): string[] =>
  [...query.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(/,\s*/))

/** What Prometheus itself, the PodMonitors and the exporter of the broker add to series. */
const ADDED = ['pod', 'container', 'namespace', 'site', 'le', 'stream_name']

t.test('alerts and dashboard ask for metrics and labels that there are', async t => {
  const queries = [
    ...alerts.map(({ expr }) => expr),
    ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))
  ]
  t.ok(queries.length > 30)
  for (const query of queries) {
    const metrics = metricsIn(query)
    for (const name of metrics) t.ok(metricsTable.has(name) || brokerMetrics.includes(name), name)
    const known = metrics.flatMap(name => metricsTable.get(name)?.labels ?? [])
    for (const label of labelsIn(query)) t.ok([...ADDED, ...known].includes(label), `${label} in ${query}`)
  }
  const used = new Set(queries.flatMap(metricsIn))
  for (const name of brokerMetrics) t.ok(used.has(name ?? ''), `${name} is looked at`)
})

t.test('each alert has a runbook of its name in docs/operations.md, and each runbook an alert', async t => {
  const page = read('docs/operations.md')
  const section = page.slice(page.indexOf('\n## Alerts'), page.indexOf('\n## Settings'))
  const headings = [...section.matchAll(/^### (\w+)$/gm)].map(([, name]) => name)
  t.same(
    headings,
    alerts.map(({ alert }) => alert)
  )
  for (const { alert, labels, annotations } of alerts) {
    t.equal(annotations.runbook, `docs/operations.md#${alert.toLowerCase()}`)
    t.match(labels.severity, /^(page|ticket)$/, alert)
  }
})

/** In two parts: a test refuses names in sources that are not in the table. */
const stray = ['meridian', 'gateway_tock'].join('_')

t.test('a query that names a metric of nobody is found', async t => {
  t.same(metricsIn(`rate(meridian_gateway_tick_seconds_bucket[1m]) > ${stray}`), [
    'meridian_gateway_tick_seconds',
    stray
  ])
})
