/** The lists in docs/ are true: subjects and streams here; errors and metrics beside their tables. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { streamTable } from '@meridian/broker'
import { commonSettings } from '@meridian/service'
import { describeSubjects } from '@meridian/subjects'
import t from 'tap'

const page = readFileSync(new URL('../docs/subjects.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter(line => /^\| [A-Z]{3,} /.test(line))
  .map(line =>
    line
      .slice(1, -1)
      .split('|')
      .map(cell => cell.trim().replaceAll('`', ''))
  )
const streams = rows.filter(row => row.length > 0 && /^[A-Z]+$/.test(row[0] ?? ''))

t.test('the table of subjects is the one that the rows of libs/subjects give', async t => {
  const table = page.split('\n').filter(line => /^\| (subject|`)/.test(line))
  const [head, , ...lines] = describeSubjects()
  t.same(table, [head, ...lines], 'written anew by scripts/subjects-page.ts')
})

t.test('the page tells the kind and the limits of each stream', async t => {
  const table = streamTable('summit', 'laptop')
  t.same(streams.map(([name]) => name).sort(), table.map(({ name }) => name).sort())
  for (const spec of table) {
    const [, kind, keeps = '', full] = streams.find(([name]) => name === spec.name) ?? []
    t.equal(kind, spec.kind, spec.name)
    t.match(keeps, `${spec.maxBytes / 2 ** 20} MiB`, spec.name)
    t.equal(full, spec.whenFull === 'refuse' ? 'refuses' : 'drops the oldest', spec.name)
    if (spec.maxAgeMs > 0)
      t.match(
        keeps,
        spec.maxAgeMs < 86_400_000
          ? `${spec.maxAgeMs / 3_600_000} h`
          : new RegExp(`${spec.maxAgeMs / 86_400_000} d|24 h`),
        spec.name
      )
    if (spec.maxPerSubject > 0) t.match(keeps, `${spec.maxPerSubject} per subject`, spec.name)
    t.equal(/S2/.test(keeps), spec.compression === 's2', spec.name)
  }
})

t.test('the picture of the architecture tells what EVT and COMMANDS keep', async t => {
  const picture = readFileSync(new URL('../docs/architecture.svg', import.meta.url), 'utf8')
  for (const { name, maxPerSubject, maxAgeMs } of streamTable('summit', 'laptop')) {
    if (name === 'EVT') t.match(picture, `last ${maxPerSubject.toLocaleString('en')} of each`)
    if (name === 'COMMANDS') t.match(picture, `${maxAgeMs / 86_400_000} days`)
  }
})

t.test('commands that the pages show say all that the nats tool asks for', async t => {
  const folders = [
    '..',
    '../docs',
    ...readdirSync(new URL('../services', import.meta.url)).map(at => `../services/${at}`)
  ]
  const shown = folders.flatMap(folder =>
    readdirSync(new URL(folder, import.meta.url))
      .filter(name => name.endsWith('.md'))
      .flatMap(
        name =>
          readFileSync(new URL(`${folder}/${name}`, import.meta.url), 'utf8').match(
            /\bnats [a-z].*?(?=`|$)/gm
          ) ?? []
      )
  )
  t.ok(shown.length > 30, `${shown.length} commands`)
  for (const command of shown) {
    if (/^nats sub .*--report-subjects/.test(command))
      t.match(command, '--report-top', `${command}: it shows ten subjects`)
    if (/^nats micro (stats|info)/.test(command))
      t.match(command, /^nats micro \w+ \w/, `${command}: of which service`)
    if (/^nats stream get/.test(command)) t.match(command, / -S | \d/, `${command}: which message`)
  }
})

t.test('docs/operations.md explains whatever the console says is wrong', async t => {
  const operations = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8')
  const said = operations.split('\n').flatMap(line => /^\| (.+?) \| /.exec(line)?.[1] ?? [])
  const page = '../services/console/src'
  const { bannerOf } = (await import(`${page}/connection-health.ts`)) as {
    bannerOf: (health: { kind: string; reason: string }) => string
  }
  for (const kind of ['lost', 'stalled', 'broker', 'quiet', 'closed']) {
    const [words = ''] = bannerOf({ kind, reason: '' }).split(':')
    t.ok(
      said.some(text => text.startsWith(words)),
      words
    )
  }
  const { CONDITION_LABELS } = (await import(`${page}/site/condition.ts`)) as {
    CONDITION_LABELS: Readonly<Record<string, string>>
  }
  for (const condition of ['silent', 'unjudged', 'ended', 'nodata', 'device']) {
    const label = CONDITION_LABELS[condition] ?? ''
    t.ok(
      said.some(text => text.startsWith(label)),
      label
    )
  }
})

t.test(
  'docs/operations.md has each setting of each service once, with its default and its meaning',
  async t => {
    const operations = readFileSync(new URL('../docs/operations.md', import.meta.url), 'utf8')
    const [, ...sections] = operations.slice(operations.indexOf('## Settings')).split('\n### ')
    t.same(
      sections.map(section => section.split('\n')[0]).sort(),
      readdirSync(new URL('../services', import.meta.url)).filter(hasSettings)
    )
    for (const section of sections) {
      const service = section.split('\n')[0] ?? ''
      const { spec } = (await import(`../services/${service}/src/config.ts`)) as {
        spec: { settings: { properties: Settings } }
      }
      const own = Object.entries(spec.settings.properties).filter(([name]) => !(name in commonSettings))
      t.same(
        section.split('\n').filter(line => /^\| [A-Z]/.test(line)),
        own.map(rowOf),
        service
      )
    }
    for (const row of Object.entries(commonSettings as Settings).map(rowOf))
      t.ok(operations.includes(row), row)
  }
)

const hasSettings = (service: string): boolean =>
  existsSync(new URL(`../services/${service}/src/config.ts`, import.meta.url))

type Settings = Readonly<Record<string, { readonly default?: unknown; readonly description?: string }>>

function rowOf([name, { default: value, description = '' }]: [string, Settings[string]]): string {
  const shown = value === undefined ? '' : `\`${JSON.stringify(value)}\``
  return `| ${name} | ${shown} | ${description.replaceAll('|', '\\|')} |`
}
