import { readFileSync } from 'node:fs'
import t from 'tap'

const read = (path: string): string => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8')

t.test('every example of an entry in the README is in a file that is type-checked', async t => {
  const [, entries = ''] = read('README.md').split('## More than the core')
  const examples = [...(entries.split('## Types')[0] ?? '').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) =>
    String(code)
  )
  const checked = read('test/readme-examples.ts')
  t.ok(examples.length > 2)
  for (const code of examples) t.ok(checked.includes(code), `${code} is in it`)
})
