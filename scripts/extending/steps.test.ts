import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from '../root.ts'
import { applyEdit, type Edit, readSections, type Tree } from './steps.ts'

/** The repository, with edits kept in memory. */
function overlay(): Tree {
  const edited = new Map<string, string>()
  const onDisk = (file: string): string | undefined =>
    existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : undefined
  return {
    read: file => edited.get(file) ?? onDisk(file),
    write: (file, text) => void edited.set(file, text)
  }
}

const treeOf = (files: Record<string, string>): Tree => ({
  read: file => files[file],
  write(file, text) {
    files[file] = text
  }
})

t.test('every file and line that docs/extending.md names is there, once', async t => {
  const sections = readSections(readFileSync(join(root, 'docs/extending.md'), 'utf8'))
  t.same(
    sections.map(({ heading }) => heading),
    [
      'A frame operation',
      'A stream',
      'A service',
      'A source of the producer',
      'A panel of the console',
      'Before you commit'
    ]
  )
  const tree = overlay()
  for (const { heading, steps } of sections) {
    t.ok(
      steps.some(({ kind }) => kind === 'run'),
      `${heading}: it is tried`
    )
    for (const step of steps)
      if (step.kind !== 'run') t.doesNotThrow(() => applyEdit(step, tree), `${step.kind} in ${step.file}`)
  }
})

t.test(
  'a step is read from the sentence above its block, and its text loses the indent of the list',
  async t => {
    const page = [
      '# Page',
      '## One',
      '1. A line. In `a.ts`, after the line `one`, add:\n\n   ```ts\n     two\n   ```\n',
      '2. In `a.md`, replace the line that begins with ``| `x` |`` by:\n\n   ```md\n   | y |\n   ```\n',
      'Run:\n\n```sh\nls\npwd\n```'
    ].join('\n')
    t.same(readSections(page), [
      {
        heading: 'One',
        steps: [
          { kind: 'after', file: 'a.ts', begins: false, where: 'one', text: '  two\n' },
          { kind: 'replace', file: 'a.md', begins: true, where: '| `x` |', text: '| y |\n' },
          { kind: 'run', commands: ['ls', 'pwd'] }
        ]
      }
    ])
  }
)

t.test('a block whose sentence says nothing, or that has none, is refused', async t => {
  t.throws(() => readSections('## One\nLook at this:\n\n```ts\nx\n```'), /not a step: Look at this/)
  t.throws(() => readSections('## One\nRun:\n```sh\nx\n```'), /a block without a sentence/)
})

t.test('edits go where they are told', async t => {
  const files = { a: 'one\n  two\nthree\n' }
  const tree = treeOf(files)
  const edit = (step: Partial<Edit>): void =>
    applyEdit({ file: 'a', begins: false, text: 'new\n', ...step } as Edit, tree)
  edit({ kind: 'after', where: 'two' })
  t.equal(files.a, 'one\n  two\nnew\nthree\n')
  edit({ kind: 'before', where: 'on', begins: true, text: 'zero\n' })
  edit({ kind: 'replace', where: 'three', text: '3\n\n4\n' })
  edit({ kind: 'append', text: '5\n' })
  t.equal(files.a, 'zero\none\n  two\nnew\n3\n\n4\n5\n')
  edit({ kind: 'create', file: 'b' })
  t.equal(tree.read('b'), 'new\n')
})

t.test('a line that is missing or stands twice, a missing file and one too many are told', async t => {
  const tree = treeOf({ a: 'same\nsame\n' })
  const edit = (step: Partial<Edit>) => () =>
    applyEdit({ kind: 'after', file: 'a', begins: false, text: 'new\n', ...step } as Edit, tree)
  t.throws(edit({ where: 'none' }), /a has 0 times the line none/)
  t.throws(edit({ where: 'same' }), /a has 2 times the line same/)
  t.throws(edit({ file: 'b', where: 'same' }), /no file b/)
  t.throws(edit({ kind: 'create' }), /a is there already/)
})
