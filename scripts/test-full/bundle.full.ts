import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync } from 'node:zlib'
import { sourceStackOf } from '@meridian/service'
import t from 'tap'
import { build } from 'vite'
import { bundleOf } from '../build/bundle.ts'
import { listPackages, notePackages, SBOM_FILE, type Sbom } from '../build/list-packages.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

t.test('a bundle runs alone, with the files that it reads, and its stack traces name the source', async t => {
  const folder = t.testdir({
    'facts.txt': 'a fact',
    'rates.json': '{"hertz": 20}',
    'common.yaml': '# a site\nlist:\n  - 1\n',
    places: { hill: { 'site.yaml': 'name: hill\nextends: ../../common.yaml\n' } },
    src: {
      'fail.ts': 'export function fail(text: string): never {\n\n  throw new Error(text)\n}\n',
      'main.ts': [
        "import { readFileSync } from 'node:fs'",
        "import { WebSocketServer } from 'ws'",
        "import { fail } from './fail.ts'",
        // tap tells Node to use the map.
        'process.setSourceMapsEnabled(false)',
        "const fact = readFileSync(new URL('../facts.txt', import.meta.url), 'utf8')",
        "export const rates = new URL('../rates.json', import.meta.url)",
        "export const common = new URL('../common.yaml', import.meta.url)",
        "export const site = new URL('../places/hill/site.yaml', import.meta.url)",
        'try { fail([fact, typeof WebSocketServer].join(", ")) } catch (error) { console.log((error as Error).stack) }'
      ].join('\n')
    }
  })
  await build({ ...bundleOf({ main: join(folder, 'src/main.ts') }), root: folder, configFile: false })
  const dist = join(folder, 'dist')
  t.same(readdirSync(dist).sort(), [
    'common.yaml',
    'facts.txt',
    'hill.yaml',
    'main.js',
    'main.js.map',
    'rates.json.br',
    'sbom.cdx.json'
  ])
  t.equal(readFileSync(join(dist, 'common.yaml'), 'utf8'), '{"list":[1]}', 'JSON is read faster')
  t.equal(String(brotliDecompressSync(readFileSync(join(dist, 'rates.json.br')))), '{"hertz": 20}')
  t.equal(
    readFileSync(join(dist, 'hill.yaml'), 'utf8'),
    '{"name":"hill","extends":"common.yaml"}',
    'a site is named by its folder, and what it extends lies beside it'
  )
  const { sources } = JSON.parse(readFileSync(join(dist, 'main.js.map'), 'utf8')) as { sources: string[] }
  t.same(
    sources.filter(source => !source.includes('__vite-optional')),
    ['../src/fail.ts', '../src/main.ts'],
    'packages are not in the map'
  )

  rmSync(join(folder, 'facts.txt'))
  const printed = String(execFileSync(process.execPath, [join(dist, 'main.js')]))
  t.match(printed, /^Error: a fact, function\n +at fail \(file:.*\/dist\/main\.js:/)
  const source = join(folder, 'src/fail.ts:3:9')
  t.ok(sourceStackOf(printed).includes(`at fail (${source})`), sourceStackOf(printed))
  const elsewhere = printed.replaceAll('main.js', 'other.js')
  t.equal(sourceStackOf(elsewhere), elsewhere, 'without a map it stays')
})

t.test('each service needs nothing but its dist folder', async t => {
  const alone = mkdtempSync(join(tmpdir(), 'meridian-dist-'))
  t.teardown(() => rmSync(alone, { recursive: true }))
  for (const service of readdirSync(join(root, 'services'))) {
    if (service === 'console') continue
    cpSync(join(root, 'services', service, 'dist'), join(alone, service), { recursive: true })
    const help = execFileSync(process.execPath, [join(alone, service, 'main.js'), '--help'])
    t.match(String(help), 'NATS_URL', service)
  }
})

t.test('a bundle is ASCII, and holds no compiler of schemas that it never runs', async t => {
  for (const service of readdirSync(join(root, 'services'))) {
    if (service === 'console') continue
    const code = readFileSync(join(root, 'services', service, 'dist/main.js'), 'latin1')
    t.notMatch(code, /[^\0-\x7f]/, service)
    t.match(code, /^\/\/ fastify@[\d.]+\/fastify\.js$/m, `${service}: packages are named`)
    t.notMatch(code, /ajv@[\d.]+\/dist\/compile\/index\.js|glob@[\d.]+\/|node_modules/, service)
  }
})

t.test('the list of packages has every package whose code stands in a bundle, with its licence', async t => {
  for (const service of readdirSync(join(root, 'services'))) {
    const dist = join(root, 'services', service, 'dist')
    const { components } = JSON.parse(readFileSync(join(dist, SBOM_FILE), 'utf8')) as Sbom
    t.ok(components.length > 3, `${service}: ${components.length} packages`)
    for (const { licenses, purl } of components) t.ok(licenses[0]?.license['id'], `${service}: ${purl}`)
    const listed = new Set(components.map(({ name, version }) => `${name}@${version}`))
    for (const file of readdirSync(dist).filter(name => name.endsWith('.js')))
      for (const named of packagesNamedIn(readFileSync(join(dist, file), 'latin1')))
        t.ok(listed.has(named), `${service}: ${named}`)
  }
})

/** A bundle has a line that names each module, with its package and version. */
const packagesNamedIn = (code: string): ReadonlySet<string> =>
  new Set(
    [...code.matchAll(/^\s*\/\/ ((?:@[^/\s]+\/)?[^/\s]+@\d[^/\s]*)\/\S+$/gm)].map(([, name = '']) => name)
  )

t.test(
  'the packages of a page are those of its workers too, and the list is the same at each build',
  async t => {
    const folder = t.testdir({
      'index.html': '<script type="module" src="/main.ts"></script>',
      'main.ts':
        "import pc from 'picocolors'\nconsole.log(pc)\nnew Worker(new URL('./work.ts', import.meta.url), { type: 'module' })",
      'work.ts': "import { Packr } from 'msgpackr'\nconsole.log(new Packr())"
    })
    const packages = new Set<string>()
    const built = async (): Promise<string> => {
      await build({
        ...{ root: folder, configFile: false, logLevel: 'error' },
        plugins: [listPackages(packages)],
        worker: { format: 'es', plugins: () => [notePackages(packages)] }
      })
      return readFileSync(join(folder, 'dist', SBOM_FILE), 'utf8')
    }
    const first = await built()
    const { components } = JSON.parse(first) as Sbom
    t.same(
      components.map(({ name }) => name),
      ['msgpackr', 'picocolors']
    )
    packages.clear()
    t.equal(await built(), first)
  }
)
