import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { VERSION } from '@meridian/service'
import { makeFolder } from '../make-folder.ts'
import { obtainNatsServer } from '../nats-server/obtain.ts'
import { assembleImage } from './assemble.ts'
import type { Buildah } from './buildah.ts'
import { appBytesOf, type BuiltImage, findFaults } from './find-faults.ts'
import type { ImageSpec } from './image-table.ts'
import { type OciImage, readOciImage } from './oci-layout.ts'
import { packFolder } from './pack.ts'
import { prepareBase } from './tools-work.ts'
import { startTrialBroker } from './trial-broker.ts'
import { tryImage } from './try-image.ts'

/** Which images, of what source, and where they go. */
export interface ImagesOptions {
  readonly images: ReadonlyMap<string, ImageSpec>
  readonly revision: string
  readonly source: string
  /** Folder for one OCI archive each; undefined: none are kept. */
  readonly out: string | undefined
  readonly say: (line: string) => void
}

/** What is told of an image that is as it must be. */
export interface ImageResult {
  readonly name: string
  readonly digest: string
  readonly pulledBytes: number
  readonly unpackedBytes: number
  readonly baseBytes: number
  readonly readyMs: number
}

/** Site whose streams the images are tried with. */
const SITE = 'small'
/** The base is copied into one layer. */
const BASE_LAYERS = 1

/**
 * Builds images twice from nothing but the built folders, checks what is in them, and tries each against a real
 * broker. Rejects with RUN_BAD_IMAGE at the first that is not as it must be, and with RUN_TOOL_FAILED where buildah or
 * runc is missing or cannot work here.
 */
export async function buildImages(options: ImagesOptions): Promise<readonly ImageResult[]> {
  // Before the minutes of building, not after them.
  if (options.out !== undefined) makeFolder(options.out)
  const folder = mkdtempSync(join(tmpdir(), 'meridian-images-'))
  try {
    return await buildIn(folder, options)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function buildIn(folder: string, options: ImagesOptions): Promise<readonly ImageResult[]> {
  const { images, say } = options
  say('base: Node 24, its libraries, certificates')
  const buildah = await prepareBase(folder)
  // In a clone where nothing has run yet there is none.
  await obtainNatsServer(say)
  const nats = await startTrialBroker(SITE)
  try {
    const results: ImageResult[] = []
    for (const [name, spec] of images) {
      const trial = { folder: join(folder, `trial-${name}`), natsUrl: nats.url, site: SITE }
      const built = await buildTwice({ name, spec }, { folder, buildah, options })
      const readyMs = await tryImage(built, spec, trial)
      say(`${name}: ready after ${readyMs.toFixed(0)} ms, ended with 0`)
      results.push(resultOf(built, readyMs))
    }
    return results
  } finally {
    await nats.stop()
  }
}

interface Ground {
  readonly folder: string
  readonly buildah: Buildah
  readonly options: ImagesOptions
}

/** An image by its name. */
interface Named {
  readonly name: string
  readonly spec: ImageSpec
}

async function buildTwice(named: Named, ground: Ground): Promise<BuiltImage> {
  const { name } = named
  const { buildah, folder, options } = ground
  options.say(`${name}: built for the first time`)
  const first = await buildOnce(named, 'first', ground)
  options.say(`${name}: built for the second time`)
  const second = await buildOnce(named, 'second', ground)
  if (first.digest !== second.digest)
    throw badImage(name, `has the digest ${first.digest}, and ${second.digest} when it is built again`)
  const rootFolder = await buildah.mount(name)
  const built = { name, image: second, rootFolder, baseLayers: BASE_LAYERS, revision: options.revision }
  const faults = findFaults(built)
  if (faults.length > 0) throw badImage(name, faults.join('; '))
  if (options.out !== undefined) await keep(name, join(folder, `second-${name}`), options.out)
  return built
}

const badImage = (name: string, detail: string): AppError =>
  new AppError('RUN_BAD_IMAGE', { detail: `${name}: ${detail}` })

async function buildOnce(
  { name, spec }: Named,
  time: string,
  { folder, buildah, options }: Ground
): Promise<OciImage> {
  const assembled = join(folder, `assembled-${time}`)
  await assembleImage(name, spec, join(assembled, name))
  const { revision, source } = options
  await buildah.build(name, { assembled, version: VERSION, revision, source })
  const layout = join(folder, `${time}-${name}`)
  await buildah.save(name, layout)
  return readOciImage(layout)
}

async function keep(name: string, layout: string, out: string): Promise<void> {
  await packFolder(layout, join(out, `${name}.oci.tar`), ['blobs', 'index.json', 'oci-layout'])
}

function resultOf(built: BuiltImage, readyMs: number): ImageResult {
  const { pulled, unpacked } = appBytesOf(built)
  const base = built.image.layers.slice(0, built.baseLayers)
  return {
    name: built.name,
    digest: built.image.digest,
    pulledBytes: pulled,
    unpackedBytes: unpacked,
    baseBytes: base.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0),
    readyMs
  }
}
