/** Subjects are built and taken apart in libs/subjects alone: no other source spells one out. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { subjectTable } from '@meridian/subjects'
import t from 'tap'

const root = new URL('..', import.meta.url).pathname
const classes = [...new Set(Object.values(subjectTable).map(({ form }) => form.split('.')[0]))]
// A literal, or the fixed beginning of a template: a quote, a class, a dot, and then no blank.
const SUBJECT = new RegExp(`['"\`](?:${classes.join('|')})\\.[^\\s'"\`]`)
const SPLIT = /[sS]ubject\)?\.(?:split\(|startsWith\(|(?:lastI|i)ndexOf\('\.')/
const COMMENT = /^\s*(?:\/\/|\/?\*)/
/** Help texts and examples, for people. */
const HELP = /\.argument\(|\.description\(|\.option\(/

/** The room itself, what tests share, and how producers name the topics of a part, `tel.topic`. */
const EXEMPT = ['libs/subjects/', 'libs/testing/', 'libs/catalogue/src/site/topics-of-part.ts']

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) {
      if (!['node_modules', 'dist', 'test', 'testing', 'test-full', 'examples', '.tap'].includes(entry.name))
        yield* sources(path)
    } else if (/\.(?:ts|tsx|mjs)$/.test(entry.name) && !/\.test\.tsx?$/.test(entry.name)) yield path
  }
}

const found = (pattern: RegExp): readonly string[] =>
  ['libs', 'services', 'scripts']
    .flatMap(folder => [...sources(folder)])
    .filter(path => !EXEMPT.some(folder => path.startsWith(folder)))
    .flatMap(path =>
      readFileSync(join(root, path), 'utf8')
        .split('\n')
        .flatMap((line, at) =>
          pattern.test(line) && !COMMENT.test(line) && !HELP.test(line)
            ? [`${path}:${at + 1}: ${line.trim()}`]
            : []
        )
    )

t.test('no source outside libs/subjects spells a subject out', async t => {
  t.match("publish('tel.summit.A.0.b')", SUBJECT)
  t.match(['`', 'ack.', '$', '{site}`'].join(''), SUBJECT)
  t.same(found(SUBJECT), [])
})

t.test('no source outside libs/subjects takes a subject apart by hand', async t => {
  t.match("message.subject.split('.')", SPLIT)
  t.same(found(SPLIT), [])
})
