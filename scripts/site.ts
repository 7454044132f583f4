/** `pnpm site --check FILE`: whether a site file is sound, and what each of its roles may do. */
import { loadCatalogue, readSite, siteProblemsOf, siteProblemText } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createCommand, refuse } from './command-line.ts'
import { roleWarnings } from './site/role-warnings.ts'
import { rolesTable } from './site/roles-table.ts'

const { check } = createCommand('pnpm site')
  .description(
    'Checks a site file as every process does at its start, and shows what each role may read and command. Ends with 1 where the file has a fault; each is told on a line with its code, file and line.'
  )
  .requiredOption('--check <file>', 'the site file')
  .parse()
  .opts<{ readonly check: string }>()

try {
  const catalogue = loadCatalogue()
  const site = readSite(check, catalogue)
  const components = new Set(site.instances.map(({ csc }) => csc))
  process.stdout.write(
    `${site.name}: ${site.instances.length} instances of ${components.size} components, ${site.roles.size} roles\n\n`
  )
  process.stdout.write(rolesTable(site, catalogue))
  for (const warning of roleWarnings(site)) process.stderr.write(`warning: ${warning}\n`)
} catch (caught) {
  // A fault of the file is what was looked for, and no refusal to look.
  if (!(caught instanceof AppError) || !caught.code.startsWith('CAT_')) refuse(caught)
  const faults = siteProblemsOf(caught)?.map(problem => `${problem.code}: ${siteProblemText(problem)}`)
  process.stderr.write(`${(faults ?? [caught.message]).join('\n')}\n`)
  process.exitCode = 1
}
