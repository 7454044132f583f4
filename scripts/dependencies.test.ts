/** What is always known of the packages, without asking anybody. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { root } from './root.ts'

const yamlIn = (name: string) => parse(readFileSync(join(root, name), 'utf8'))
const lockfile = yamlIn('pnpm-lock.yaml')
const workspace = yamlIn('pnpm-workspace.yaml')
const EXACT = /^\d+\.\d+\.\d+(-[\w.]+)?$/

t.test('every package comes from the registry, with the hash of what came', async t => {
  const packages = Object.entries<{ resolution: Record<string, unknown> }>(lockfile.packages)
  t.ok(packages.length > 300)
  const others = packages.filter(
    ([, { resolution }]) =>
      !/^sha512-/.test(String(resolution['integrity'])) || Object.keys(resolution).length > 1
  )
  t.strictSame(others, [])
})

t.test('what the catalog and the packages ask for are exact versions', async t => {
  t.strictSame(
    Object.entries(workspace.catalog).filter(([, version]) => !EXACT.test(String(version))),
    []
  )
  const asked = Object.entries<Record<string, Record<string, { specifier: string }>>>(
    lockfile.importers
  ).flatMap(([folder, kinds]) =>
    Object.values(kinds).flatMap(names =>
      Object.entries(names).map(([name, { specifier }]) => ({ folder, name, specifier }))
    )
  )
  t.ok(asked.length > 100)
  const loose = asked.filter(
    ({ specifier }) => !/^(workspace:\*|catalog:)$/.test(specifier) && !EXACT.test(specifier)
  )
  t.strictSame(loose, [])
})

t.test('one package alone may run something when it is installed', async t => {
  const allowed = Object.entries(workspace.allowBuilds).filter(([, isAllowed]) => isAllowed === true)
  t.strictSame(allowed, [['esbuild', true]])
})
