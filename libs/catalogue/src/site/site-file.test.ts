import { readFileSync } from 'node:fs'
import t from 'tap'
import { deploySchema } from './deploy-section.ts'
import { siteFileSchema } from './site-file.ts'

const page = readFileSync(new URL('../../../../docs/sites.md', import.meta.url), 'utf8')

/** What stands in the first column of a section's table, one name or more in a cell. */
function rowsOf(heading: string): readonly string[] {
  const section = page.split(/^## /m).find(part => part.startsWith(`${heading}\n`)) ?? ''
  const cells = section.split('\n').flatMap(line => /^\| (`[^|]+`) \|/.exec(line)?.[1] ?? [])
  return cells.map(cell => cell.replaceAll('`', ''))
}

t.test('docs/sites.md has each section of a site file, and nothing else', async t => {
  const sections = Object.keys(siteFileSchema.properties).flatMap(section =>
    section === 'commands' ? ['commands.stops', 'commands.unconfirmed'] : [section]
  )
  t.same([...rowsOf('Sections')].sort(), sections.sort())
})

t.test('docs/sites.md has each key of `deploy`, and nothing else', async t => {
  t.same([...rowsOf('Deploy')].sort(), Object.keys(deploySchema.properties).sort())
})
