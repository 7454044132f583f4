/** `pnpm images`: builds the images without a container engine, checks them and tries each. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createCommand, refuse } from './command-line.ts'
import { assembleImage } from './images/assemble.ts'
import { buildImages, type ImageResult } from './images/build-images.ts'
import { IMAGES, imageSpecOf } from './images/image-table.ts'
import { pinImages } from './images/pin.ts'
import { revisionOf } from './images/revision.ts'

interface Options {
  readonly out?: string
  readonly source: string
  readonly assemble?: string
}

interface PinFlags {
  readonly registry: string
  readonly tag: string
  readonly anyRevision?: true
  readonly insecure?: true
  readonly file: string
}

const IMAGES_FILE = 'deploy/components/images/kustomization.yaml'
const names = [...IMAGES.keys()]
const program = createCommand('pnpm images')
  .description(
    `Builds images of what pnpm bundle has built, with buildah and without a container engine, on a base made of Node 24 from npm. Each is built twice and must have the same digest, is checked, started by runc as user 65532 with a root that cannot be written to, must be ready and must end with 0. Images: ${names.join(', ')}; default: all.`
  )
  .argument('[service...]', 'images to build')
  .option('--out <folder>', 'keeps each as <folder>/<name>.oci.tar, an OCI archive; default: none is kept')
  .option('--source <url>', 'address of the source, for the label of that name', '')
  .option(
    '--assemble <folder>',
    'only puts what each image holds into <folder>/<name>, as the Dockerfile does'
  )
  .action(run)
program
  .command('pin')
  .description(
    `Pulls every image that ${IMAGES_FILE} names, ours from your registry, and writes their digests there in the place of tags: at a release, after the images were pushed. Nothing is written where one cannot be pulled, or is of another commit. Log in with buildah login.`
  )
  .requiredOption('--registry <name>', 'registry and path of our images, such as registry.example/meridian')
  .requiredOption('--tag <tag>', 'tag of our images, such as v0.1.0')
  .option('--any-revision', 'also images that are built from another commit than this one')
  .option('--insecure', 'the registry answers by plain HTTP')
  .option('--file <file>', 'another kustomization', IMAGES_FILE)
  .action(pin)

async function run(asked: readonly string[], { out, source, assemble }: Options): Promise<void> {
  const chosen = asked.length === 0 ? names : [...new Set(asked)]
  const specs = chosen.map(name => [name, imageSpecOf(name)] as const)
  if (assemble !== undefined) {
    for (const [name, spec] of specs) await assembleImage(name, spec, `${assemble}/${name}`)
    return
  }
  printTable(await buildImages({ images: new Map(specs), revision: revisionOf(), source, out, say }))
}

async function pin(flags: PinFlags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-pin-'))
  const { registry, tag, file } = flags
  try {
    await pinImages({
      ...{ file, registry, tag, folder, say },
      revision: flags.anyRevision ? undefined : revisionOf(),
      isInsecure: flags.insecure === true
    })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const say = (line: string): void => console.log(line)

const MB = 1e6
const mb = (bytes: number): string => (bytes / MB).toFixed(2).padStart(8)

function printTable(results: readonly ImageResult[]): void {
  console.log(`\n${'image'.padEnd(12)}  base MB   app MB   pulled  ready ms  digest`)
  for (const { name, digest, baseBytes, unpackedBytes, pulledBytes, readyMs } of results)
    console.log(
      `${name.padEnd(12)} ${mb(baseBytes)} ${mb(unpackedBytes)} ${mb(pulledBytes)}  ${readyMs.toFixed(0).padStart(8)}  ${digest}`
    )
}

await program.parseAsync().catch(refuse)
