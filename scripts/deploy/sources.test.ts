import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../root.ts'
import { kustomizationText, overlays, takesLocalKeys } from './render.ts'
import { faultsOfKustomization, faultsOfSources } from './sources.ts'
import { replaceTable, tableIn } from './table-in-page.ts'

const deploy = join(root, 'deploy')
const read = (path: string): string => readFileSync(join(deploy, path), 'utf8')

t.test('the kustomizations of the tree use nothing that is going', async t => {
  t.same(faultsOfSources(deploy), [])
})

t.test('fields that are going and remote bases are found', async t => {
  const faulty = 'resources:\n  - https://github.com/a/b?ref=v1\ncommonLabels:\n  app: x\nvars: []\n'
  t.match(faultsOfKustomization('x', faulty), [
    { rule: 'fields', what: 'vars: write replacements' },
    { rule: 'fields', what: 'commonLabels: write labels' },
    { rule: 'local' }
  ])
})

t.test('an address among settings is none that is fetched', async t => {
  const settings =
    'configMapGenerator:\n  - name: x\n    literals:\n      - URL=https://registry.example.org\n'
  t.same(faultsOfKustomization('x', settings), [])
  t.match(faultsOfKustomization('x', 'components:\n  - git@example.org:a/b\n'), [{ rule: 'local' }])
  t.same(faultsOfKustomization('x', 'resources: [\n'), [])
})

t.test(
  'every component has a page that says what it adds, how to add it and how to see that it works',
  async t => {
    for (const name of readdirSync(join(deploy, 'components'))) {
      const page = read(`components/${name}/README.md`)
      for (const part of ['What it adds.', 'How to add it.', 'How to see that it works.'])
        t.ok(page.includes(`**${part}**`), `${name}: ${part}`)
      t.ok(page.includes(`  - ../../components/${name}\n`), `${name}: the line that adds it`)
    }
  }
)

t.test('only a place that lists the keys of a file gets such a file', async t => {
  const local = 'components:\n  - ../../components/secrets-local'
  t.same([local, `${local} # mine\n`, `${local}-2\n`, 'resources: []\n'].map(takesLocalKeys), [
    true,
    true,
    false,
    false
  ])
  t.same(
    overlays().filter(place => takesLocalKeys(kustomizationText(place))),
    []
  )
})

t.test('the table of a page is found and replaced, and nothing else', async t => {
  const page = '# A\n\n| place | pods |\n|---|---|\n| a | 1 |\n\nmore\n\n| x | y |\n'
  t.equal(tableIn(page), '| place | pods |\n|---|---|\n| a | 1 |')
  t.equal(replaceTable(page, '| place |\n|---|'), '# A\n\n| place |\n|---|\n\nmore\n\n| x | y |\n')
})
