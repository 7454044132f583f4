/** `pnpm site …`: whether a site file is sound, and what deploys a site from it. */
import { loadCatalogue, readSite } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { createCommand, refuse } from './command-line.ts'
import { faultLines, generate, type Outcome } from './site/generate.ts'
import { newSite } from './site/new-site.ts'
import { overlaysFolder } from './site/overlays.ts'
import { completeSite, type NewSiteOptions } from './site/questions.ts'
import { roleWarnings } from './site/role-warnings.ts'
import { rolesTable } from './site/roles-table.ts'
import { makeSiteKeys } from './site/site-keys.ts'

const program = createCommand('pnpm site')
  .description(
    'Site files, and the overlays that deploy sites from them. A file that has a fault ends it with 1; each fault is told on a line with its code, file and line.'
  )
  .enablePositionalOptions()
  .option(
    '--check <file>',
    'check a site file as every process does at its start, and show what each role may read and command'
  )
  .action(({ check }: { readonly check?: string }) => {
    if (check === undefined)
      refuse(new AppError('RUN_BAD_OPTION', { detail: '--check FILE or a command is expected; see --help' }))
    checkFile(check)
  })

program
  .command('generate [names...]')
  .description(
    'write what Kustomize needs of a site into deploy/overlays/NAME/generated, from its site.yaml; of all sites where none is named'
  )
  .option('--check', 'write nothing, and end with 1 where what stands there is not what would be written')
  .option('--overlays <dir>', 'the folder of the overlays', overlaysFolder)
  .action((names: string[], { check, overlays }: { check?: true; overlays: string }) =>
    tell(() => generate(overlays, names, { check: check === true }))
  )

program
  .command('new <name>')
  .description(
    'make the overlay of a site of your own: deploy/overlays/NAME with its site.yaml, its kustomization.yaml and what is generated. Asks for what is not said, where there is a terminal.'
  )
  .option('--host <name>', 'host name under which browsers open it')
  .option('--instances <instances...>', 'its components: MTMount, ESS:301, ESS:1,2')
  .option('--home-made <components...>', 'those among them that no catalogue knows')
  .option('--observatory <text>', 'name for people; default: the name')
  .option('--extends <file>', 'a file, from its own folder, that has what this one leaves out: ../rubin.yaml')
  .option(
    '--like <site>',
    'the place whose sizes and kustomization it gets; default: tucson; one machine: local'
  )
  .option('--overlays <dir>', 'the folder of the overlays', overlaysFolder)
  .action(async (name: string, { overlays, ...options }: NewSiteOptions & { overlays: string }) => {
    const asked = await completeSite(overlays, name, options).catch(refuse)
    tell(() => newSite(overlays, asked))
  })

program
  .command('keys <name>')
  .description(
    'make the keys that are missing of a site: seeds and the word of the admin into a file of mode 0600 that git ignores, for the secret store; public halves into its site.yaml. What is there is kept.'
  )
  .option('--to <file>', 'the file of secrets; default: keys.env beside site.yaml')
  .option('--renew <kinds...>', 'make new keys of these kinds; the old ones hold beside them', [])
  .option('--forget', 'the old ones hold no longer')
  .option('--overlays <dir>', 'the folder of the overlays', overlaysFolder)
  .action(
    (
      name: string,
      { overlays, forget, ...asked }: { to?: string; renew: string[]; forget?: true; overlays: string }
    ) => tell(() => makeSiteKeys(overlays, { name, forget: forget === true, ...asked }))
  )

await program.parseAsync()

/** Tells what came of a command, faults on standard error. */
function tell(work: () => Outcome): void {
  try {
    const { lines, isGood } = work()
    const out = isGood ? process.stdout : process.stderr
    for (const line of lines) out.write(`${line}\n`)
    if (!isGood) process.exitCode = 1
  } catch (caught) {
    refuse(caught)
  }
}

function checkFile(file: string): void {
  try {
    const catalogue = loadCatalogue()
    const site = readSite(file, catalogue)
    const components = new Set(site.instances.map(({ csc }) => csc))
    process.stdout.write(
      `${site.name}: ${site.instances.length} instances of ${components.size} components, ${site.roles.size} roles\n\n`
    )
    process.stdout.write(rolesTable(site, catalogue))
    for (const warning of roleWarnings(site)) process.stderr.write(`warning: ${warning}\n`)
  } catch (caught) {
    tellFaults(caught)
  }
}

/** A fault of the file is what was looked for, and no refusal to look. */
function tellFaults(caught: unknown): void {
  try {
    process.stderr.write(`${faultLines(caught).join('\n')}\n`)
    process.exitCode = 1
  } catch (other) {
    refuse(other)
  }
}
