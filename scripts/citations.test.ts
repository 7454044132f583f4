/**
 * Whatever a comment cites can be opened by whoever reads it: a heading of a page in docs/, a decision in
 * docs/adr/.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('..', import.meta.url))
const decisions = readdirSync(`${root}docs/adr`).map(name => name.slice(0, 4))

/** Paths of the tracked files whose citations are checked. */
const sources = (): readonly string[] =>
  execFileSync('git', ['ls-files', '*.ts', '*.tsx', '*.yaml', '*.proto', '*.css'], {
    cwd: root,
    encoding: 'utf8'
  })
    .split('\n')
    .filter(path => path !== '' && !path.includes('pnpm-') && existsSync(root + path))

/** A heading's anchor as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')

function anchorsOf(page: string): ReadonlySet<string> {
  const text = readFileSync(root + page, 'utf8')
  return new Set([...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)))
}

/** Why a citation leads nowhere; undefined where it leads somewhere. */
function faultOf(citation: string): string | undefined {
  const [, page = '', anchor] = /^(docs\/[\w/-]+\.md)(?:#([\w-]+))?$/.exec(citation) ?? []
  if (page === '') return decisions.includes(citation.slice('adr/'.length)) ? undefined : 'no such decision'
  if (!existsSync(root + page)) return 'no such page'
  return anchor === undefined || anchorsOf(page).has(anchor) ? undefined : 'no such heading'
}

t.test('every citation in the sources leads to a page and heading of the repository', async t => {
  let found = 0
  for (const path of sources())
    for (const [, citation = ''] of readFileSync(root + path, 'utf8').matchAll(
      /\[((?:docs|adr)\/[^\]\s$]+)\]/g
    )) {
      found++
      t.equal(faultOf(citation), undefined, `${path}: [${citation}]`)
    }
  t.ok(found > 20, 'there are citations')
})

t.test('a decision has a number of its own, which its title says', async t => {
  t.equal(new Set(decisions).size, decisions.length, decisions.join(' '))
  for (const name of readdirSync(`${root}docs/adr`)) {
    const [title = ''] = readFileSync(`${root}docs/adr/${name}`, 'utf8').split('\n')
    t.match(title, `# ${Number(name.slice(0, 4))}. `, name)
  }
})

t.test('no comment cites what a reader of the repository cannot open', async t => {
  for (const path of sources()) {
    const outside = readFileSync(root + path, 'utf8').match(/\[(?:specs\/|DESIGN|STYLE|TOOLCHAIN)[^\]]*\]/)
    t.equal(outside?.[0], undefined, path)
  }
})
