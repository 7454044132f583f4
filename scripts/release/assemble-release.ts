import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { AppError } from '@meridian/errors'
import { VERSION } from '@meridian/service'
import { writeSdk } from '../build/write-sdk.ts'
import { evenRights } from '../images/assemble.ts'
import { IMAGES } from '../images/image-table.ts'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

/** What stands in the repository and goes along as it is. */
const FILES = ['CHANGELOG.md', 'LICENSE', 'deploy', 'docs']
/** What is built, and runs from the same places as in the repository. */
const BUNDLES = new Set([
  'scripts/dist',
  ...[...IMAGES.values()].flatMap(({ folders }) =>
    Object.values(folders).filter(at => at.startsWith('services/'))
  )
])
const START_SCRIPT = 'bin/meridian'
/** The folder of the SDK, for programs and pages of a site's own. */
export const SDK = 'sdk'

/**
 * Puts into a new folder what a site without Kubernetes runs from, and what one with it applies: bundles, one start
 * script, the SDK, and the files of `deploy` and `docs` that git knows. Throws RUN_BAD_FILE where CHANGELOG.md does not tell of
 * this version.
 */
export async function assembleRelease(into: string, revision: string): Promise<void> {
  assertChangelog(readFileSync(join(root, 'CHANGELOG.md'), 'utf8'))
  rmSync(into, { recursive: true, force: true })
  const listed = await runTool('git', ['ls-files', '-z', '--', ...FILES], { cwd: root })
  for (const file of listed.split('\0').filter(Boolean)) copy(file, into)
  for (const folder of BUNDLES) copy(folder, into)
  await writeSdk(join(into, SDK))
  copy('scripts/release/meridian', into, START_SCRIPT)
  writeFileSync(join(into, 'release.env'), `VERSION=${VERSION}\nREVISION=${revision}\n`)
  evenRights(into)
  chmodSync(join(into, START_SCRIPT), 0o755)
}

function copy(from: string, into: string, to = from): void {
  mkdirSync(dirname(join(into, to)), { recursive: true })
  cpSync(join(root, from), join(into, to), { recursive: true })
}

function assertChangelog(text: string): void {
  if (text.split('\n').some(line => line.startsWith(`## ${VERSION}`))) return
  throw new AppError('RUN_BAD_FILE', {
    detail: `CHANGELOG.md has no section '## ${VERSION}', the version of libs/service`
  })
}
