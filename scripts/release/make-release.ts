import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { VERSION } from '@meridian/service'
import { SBOM_FILE } from '../build/list-packages.ts'
import { assembleImage } from '../images/assemble.ts'
import { buildImages } from '../images/build-images.ts'
import { IMAGES } from '../images/image-table.ts'
import { packFolder } from '../images/pack.ts'
import { makeFolder } from '../make-folder.ts'
import { root } from '../root.ts'
import { assembleRelease } from './assemble-release.ts'

/** What a release is made of, and where it goes. */
export interface ReleaseOptions {
  /** Folder of releases; this one goes into `<out>/<version>`. */
  readonly out: string
  readonly revision: string
  /** Address of the source, for the labels of the images. */
  readonly source: string
  readonly withImages: boolean
  readonly say: (line: string) => void
}

/**
 * Writes a release: the tarball, the list of packages of each image, the images where wanted, CHANGELOG.md, and the
 * SHA-256 of all. The same commit gives the same bytes. Resolves to its folder. Rejects as `buildImages` and
 * `assembleRelease` do.
 */
export async function makeRelease(options: ReleaseOptions): Promise<string> {
  const { revision, source, say, withImages } = options
  const folder = join(options.out, VERSION)
  const work = mkdtempSync(join(tmpdir(), 'meridian-release-'))
  try {
    rmSync(folder, { recursive: true, force: true })
    makeFolder(join(folder, 'sbom'))
    say('the tarball')
    await writeTarball(work, folder, revision)
    say('the lists of packages')
    for (const [name, spec] of IMAGES) {
      await assembleImage(name, spec, join(work, name))
      cpSync(join(work, name, SBOM_FILE), join(folder, 'sbom', `${name}.cdx.json`))
    }
    cpSync(join(root, 'CHANGELOG.md'), join(folder, 'CHANGELOG.md'))
    if (withImages) await buildImages({ images: IMAGES, revision, source, out: join(folder, 'images'), say })
    writeFileSync(join(folder, 'SHA256SUMS'), sumsOf(folder))
    return folder
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function writeTarball(work: string, folder: string, revision: string): Promise<void> {
  const name = `meridian-${VERSION}`
  await assembleRelease(join(work, name), revision)
  await packFolder(work, join(folder, `${name}.tar.gz`), [name])
}

/** As `sha256sum -c` reads it. */
function sumsOf(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const paths = files.map(({ parentPath, name }) => join(parentPath, name)).sort()
  const sum = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex')
  return paths.map(path => `${sum(path)}  ${path.slice(folder.length + 1)}\n`).join('')
}
