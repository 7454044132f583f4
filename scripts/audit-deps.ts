/** `pnpm audit:deps`: whether a published advisory concerns a package that the lockfile names. */
import { spawnSync } from 'node:child_process'
import { createCommand } from './command-line.ts'
import { type Advisory, readAdvisories } from './dependencies/read-advisories.ts'
import { root } from './root.ts'

// Only the start of pnpm takes long, on a busy machine: the registry has less.
const TIMEOUT_MS = 240_000
const MOST_BYTES = 64 * 1024 * 1024

const { report, registry } = createCommand('pnpm audit:deps')
  .description(
    'Asks the registry for advisories about the packages of the lockfile. Ends with 1 where there are some, and with 0 where the registry offers none or is away, which it says.'
  )
  .option('--report', 'say what there is and end with 0 all the same')
  .option('--registry <url>', 'registry to ask; default: the one that packages come from')
  .parse()
  .opts<{ readonly report?: true; readonly registry?: string }>()

const args = [
  '-y',
  'pnpm@12.21.0',
  ...(registry ? [`--config.registry=${registry}`] : []),
  '--config.fetch-retries=0',
  '--config.fetch-timeout=30000',
  'audit',
  '--json'
]
const { stdout, stderr, error } = spawnSync('npx', args, {
  ...{ cwd: root, encoding: 'utf8', timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES }
})
const outcome = readAdvisories(stdout ?? '', error?.message ?? stderr ?? '')
const say = (line: string): boolean => process.stdout.write(`${line}\n`)
if (outcome.kind === 'skipped') say(`audit of dependencies skipped: ${outcome.reason}`)
else {
  for (const advisory of outcome.advisories) say(lineOf(advisory))
  say(`audit of dependencies: ${outcome.packages} packages, ${outcome.advisories.length} advisories`)
}
process.exitCode = outcome.kind === 'read' && outcome.advisories.length > 0 && !report ? 1 : 0

function lineOf({ severity, what, title, url, isShipped }: Advisory): string {
  return `${severity.padEnd(8)} ${isShipped ? 'runs  ' : 'builds'} ${what}: ${title} ${url}`
}
