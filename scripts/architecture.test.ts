/** The tables of docs/ARCHITECTURE.md are true, and packages import each other only as it says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string): string => readFileSync(root + path, 'utf8')
const namesIn = (folder: 'libs' | 'services'): readonly string[] =>
  readdirSync(root + folder).filter(name => existsSync(`${root}${folder}/${name}/package.json`))

interface Manifest {
  readonly name: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}
const manifestOf = (path: string): Manifest => JSON.parse(read(`${path}/package.json`))
const ours = (dependencies: Manifest['dependencies']): readonly string[] =>
  Object.keys(dependencies ?? {})
    .filter(name => name.startsWith('@meridian/'))
    .map(name => name.slice('@meridian/'.length))
    .sort()

interface Row {
  readonly name: string
  readonly imports: readonly string[]
  readonly browser: boolean
}
const page = read('docs/ARCHITECTURE.md')
const table: readonly Row[] = (page.split(/^## /m).find(part => part.startsWith('Libraries')) ?? '')
  .split('\n')
  .filter(line => /^\| [a-z]+ \| .* \| (?:yes|no) \|$/.test(line))
  .map(line => {
    const [name = '', , imports = '', browser] = line.slice(2, -2).split(' | ')
    return { name, imports: imports === '-' ? [] : imports.split(', '), browser: browser === 'yes' }
  })
const libraries = namesIn('libs')

t.test('the table of libraries has each library, and what each imports', async t => {
  t.same(table.map(({ name }) => name).sort(), libraries)
  for (const { name, imports } of table)
    t.same(imports, ours(manifestOf(`libs/${name}`).dependencies), `imports of ${name}`)
})

t.test('the table of processes has each service', async t => {
  const services = [...page.matchAll(/^\| \[([a-z]+)\]\(\.\.\/services\/([a-z]+)/gm)]
  t.same(services.map(([, , folder]) => folder).sort(), namesIn('services'))
  for (const [, name, folder] of services) t.equal(name, folder)
})

t.test('each function on the way of a sample stands in the file that the page names', async t => {
  const steps = [...page.matchAll(/^\| \d+ \| [^|]+ \| ([^|]+) \| \[[\w.-]+\]\(\.\.\/([\w/.-]+)\) \|$/gm)]
  t.equal(steps.length, 17)
  for (const [, functions = '', path = ''] of steps)
    for (const [, name = ''] of functions.matchAll(/`(#?\w+)`/g))
      t.match(
        read(path),
        new RegExp(`(?:^|[^.\\w])${name}(?:\\(.*\\{$|\\($| = \\()`, 'm'),
        `${name} in ${path}`
      )
})

/** What a source imports, by the name that it writes. */
const importsOf = (path: string): readonly string[] =>
  [...read(path).matchAll(/^(?:import|export)\b[^'"]*?(?:from )?'([^']+)'/gm)].map(([, name = '']) => name)

const sourcesOf = (folder: string): readonly string[] =>
  readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .map(name => `${folder}/${name}`)

t.test('what runs in a browser imports nothing of Node, and no library that does not run there', async t => {
  const inBrowser = table.filter(({ browser }) => browser)
  t.ok(inBrowser.length > 0)
  for (const { name, imports } of inBrowser) {
    t.same(
      imports.filter(other => !inBrowser.some(({ name }) => name === other)),
      [],
      name
    )
    for (const path of sourcesOf(`libs/${name}/src`))
      if (!path.endsWith('-node.ts'))
        t.same(
          importsOf(path).filter(name => name.startsWith('node:')),
          [],
          path
        )
  }
})

t.test('no package depends on a service, and only tests on testing', async t => {
  const packages = [
    ...libraries.map(name => `libs/${name}`),
    ...namesIn('services').map(n => `services/${n}`)
  ]
  for (const path of packages) {
    const { dependencies, devDependencies } = manifestOf(path)
    const all = [...ours(dependencies), ...ours(devDependencies)]
    t.same(
      all.filter(name => !libraries.includes(name)),
      [],
      `${path} depends on libraries alone`
    )
    t.notOk(ours(dependencies).includes('testing'), `${path} imports testing from tests alone`)
  }
})
