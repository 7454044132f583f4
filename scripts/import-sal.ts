import { writeFileSync } from 'node:fs'
import { catalogueOf, loadCatalogue, shippedFacts, type Totals } from '@meridian/catalogue'
import {
  type Difference,
  describeProblem,
  differencesOf,
  formatFacts,
  importInterfaces
} from '@meridian/catalogue/import'
import colors from 'picocolors'
import { createCommand, refuse } from './command-line.ts'

interface ImportFlags {
  readonly out?: string
  readonly compare: string
  readonly descriptions?: boolean
  readonly version?: string
  readonly all?: boolean
}

/** Differences shown before the rest is only counted. */
const SHOWN = 40

const program = createCommand('import-sal')
  .description('Reads an interface directory of SAL and shows how it differs from the shipped catalogue.')
  .argument('<dir>', 'directory with sal_interfaces/, avro_interfaces/ and private_fields.json')
  .option('--out <file>', 'write the facts to this file; without it nothing is written')
  .option('--compare <file>', 'facts to compare with', shippedFacts)
  .option('--descriptions', "keep descriptions in the facts, for a site's own catalogue")
  .option('--version <name>', 'name of this version of the interfaces')
  .option('--all', `show every difference, not only the first ${SHOWN}`)
  .action(importSal)

function importSal(directory: string, flags: ImportFlags): void {
  const progress = (component: string, at: number, total: number): void =>
    showProgress(`${at}/${total} ${component}`)
  const { facts, problems } = importInterfaces(directory, { ...flags, progress })
  showProgress('')
  if (problems.length > 0) {
    for (const problem of problems) console.error(describeProblem(problem))
    console.error(
      colors.red(`${problems.length === 1 ? '1 fault' : `${problems.length} faults`}; nothing was written`)
    )
    process.exitCode = 2
    return
  }
  const catalogue = catalogueOf(facts)
  console.log(describeTotals(catalogue.version, catalogue.totals()))
  showDifferences(differencesOf(loadCatalogue({ file: flags.compare }), catalogue), flags)
  if (flags.out !== undefined) writeOut(flags.out, formatFacts(facts))
}

function writeOut(file: string, text: string): void {
  writeFileSync(file, text)
  console.log(`wrote ${file}, ${Math.round(text.length / 1024)} KiB`)
}

function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${text}`)
}

function describeTotals(version: string, totals: Totals): string {
  const { components, indexed, commands, events, telemetry, ackcmds, fields, arrayFields } = totals
  return [
    `version ${version}: ${components} components, ${indexed} of them indexed`,
    `${commands} commands, ${events} events, ${telemetry} telemetry topics, ${ackcmds} ackcmd`,
    `${fields} public fields, ${arrayFields} of them arrays`
  ].join('\n')
}

function showDifferences(differences: readonly Difference[], { compare, all }: ImportFlags): void {
  if (differences.length === 0) {
    console.log(`no difference to ${compare}`)
    return
  }
  const shown = all ? differences : differences.slice(0, SHOWN)
  console.log(`differences to ${compare}:`)
  for (const { change, what, name, detail } of shown)
    console.log(`  ${change.padEnd(7)} ${what} ${name} ${detail}`)
  if (shown.length < differences.length)
    console.log(`  and ${differences.length - shown.length} more (--all shows them)`)
  const counts = new Map<string, number>()
  for (const { what, change } of differences)
    counts.set(`${change} ${what}s`, (counts.get(`${change} ${what}s`) ?? 0) + 1)
  console.log([...counts].map(([kind, count]) => `${kind}: ${count}`).join(', '))
}

try {
  program.parse()
} catch (error) {
  refuse(error)
}
