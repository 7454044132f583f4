/**
 * An empty list in a pattern of `t.match` matches every list: a test that says `{ lost: [] }` so cannot fail. What
 * must be empty is said by `t.same`.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { root } from './root.ts'

const filesOfTree = (): readonly string[] =>
  execFileSync('git', ['ls-files', '*.ts'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter(path => path !== '' && existsSync(join(root, path)))

const isTest = (path: string): boolean => /\.(test|full)\.ts$|\/test(ing)?\/.*\.ts$/.test(path)

/** The text of the call that begins at `from`, up to its closing parenthesis. */
function callAt(text: string, from: number): string {
  let depth = 0
  for (let at = text.indexOf('(', from); at < text.length; at++) {
    if (text[at] === '(') depth++
    else if (text[at] === ')' && --depth === 0) return text.slice(from, at + 1)
  }
  return text.slice(from)
}

/** Text in quotes, and regular expressions: a parenthesis in them closes nothing. */
const QUOTED = /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`[^`]*`|(?<=[(,]\s*)\/(?:[^/\\\n]|\\.)+\/[a-z]*/g

const emptyPatternsIn = (source: string): readonly string[] => {
  const text = source.replace(QUOTED, "''")
  return [...text.matchAll(/\bt\.match\(/g)]
    .map(({ index }) => callAt(text, index))
    .filter(call => /[,:[{(]\s*\[\]/.test(call))
}

t.test('a pattern with an empty list is found, and what is no pattern is none', async t => {
  t.equal(
    emptyPatternsIn('t.match(report, { lost: [] })\nt.match(x, [1, []])\nt.match(f(2),\n  []\n)').length,
    3
  )
  t.equal(
    emptyPatternsIn("t.same(report, { lost: [] })\nt.match(x, { list: [1] })\nt.match(a[0], 'b')").length,
    0
  )
})

t.test('no test matches a list with an empty one', async t => {
  const tests = filesOfTree().filter(isTest)
  t.ok(tests.length > 100)
  const found = tests.flatMap(path =>
    emptyPatternsIn(readFileSync(join(root, path), 'utf8')).map(call => `${path}: ${call}`)
  )
  t.same(found, [])
})
