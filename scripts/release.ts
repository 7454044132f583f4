/** `pnpm release`: the files of a release of this commit. */
import { createCommand, refuse } from './command-line.ts'
import { revisionOf } from './images/revision.ts'
import { makeRelease } from './release/make-release.ts'

interface Options {
  readonly out: string
  readonly source: string
  readonly images: boolean
}

await createCommand('pnpm release')
  .description(
    'Writes the files of a release into <out>/<version>: meridian-<version>.tar.gz with bundles, overlays and a start script, the images as OCI archives, the packages of each, CHANGELOG.md and SHA256SUMS. The same commit gives the same bytes. Build with pnpm bundle first.'
  )
  .option('--out <folder>', 'folder of releases', 'release')
  .option('--source <url>', 'address of the source, for the labels of the images', '')
  .option('--no-images', 'without the images, which need buildah and runc')
  .action(async ({ out, source, images }: Options) => {
    const say = (line: string): void => console.log(line)
    const folder = await makeRelease({ out, source, revision: revisionOf(), withImages: images, say })
    console.log(`release: ${folder}`)
  })
  .parseAsync()
  .catch(refuse)
