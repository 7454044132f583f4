/** `pnpm release`: the files of a release of this commit; and which release is kept in the repository. */
import { join } from 'node:path'
import { VERSION } from '@meridian/service'
import { createCommand, refuse } from './command-line.ts'
import { revisionOf } from './images/revision.ts'
import { keepRelease } from './release/kept-release.ts'
import { makeRelease } from './release/make-release.ts'

interface Options {
  readonly out: string
  readonly source: string
  readonly images: boolean
}

const OUT = 'release'

const program = createCommand('pnpm release')
  .description(
    'Writes the files of a release into <out>/<version>: meridian-<version>.tar.gz with bundles, SDK, overlays and a start script, the images as OCI archives, the packages of each, CHANGELOG.md and SHA256SUMS. The same commit gives the same bytes. Build with pnpm bundle first.'
  )
  .option('--out <folder>', 'folder of releases', OUT)
  .option('--source <url>', 'address of the source, for the labels of the images', '')
  .option('--no-images', 'without the images, which need buildah and runc')
  .action(async ({ out, source, images }: Options) => {
    const say = (line: string): void => console.log(line)
    const folder = await makeRelease({ out, source, revision: revisionOf(), withImages: images, say })
    console.log(`release: ${folder}`)
  })

program
  .command('keep')
  .description(
    'Puts what runs of a release into scripts/release/kept, in the place of the one before: tests with mixed versions take their other half from it. Commit what it writes.'
  )
  .argument('[folder]', 'the release, as pnpm release wrote it', join(OUT, VERSION))
  .action(async (folder: string) => {
    const { version, revision } = await keepRelease(folder)
    console.log(`kept: ${version} of ${revision}`)
  })

await program.parseAsync().catch(refuse)
