import { writeFileSync } from 'node:fs'
import { AppError } from '@meridian/errors'
import { type Document, isMap, isSeq, parseDocument, type YAMLMap } from 'yaml'
import { readText } from '../read-text.ts'
import { createBuildah, type Pulled } from './buildah.ts'
import { IMAGES } from './image-table.ts'

/** Which images are pulled from where. */
export interface PinOptions {
  /** Kustomization file whose `images` are pinned. */
  readonly file: string
  /** Registry and path before the name of each of our own images, such as `registry.example/meridian`. */
  readonly registry: string
  /** Tag of our own images; those of others have theirs in the file. */
  readonly tag: string
  /** Commit that ours must be built from; undefined: any. */
  readonly revision: string | undefined
  /** Whether the registry answers by plain HTTP. */
  readonly isInsecure: boolean
  /** A new folder for what is pulled. */
  readonly folder: string
  readonly say: (line: string) => void
}

const OURS = 'meridian/'

/**
 * Pulls every image that a kustomization names, ours from the registry, and writes their digests into the
 * file, in the place of tags. Comments and order stay. Rejects with RUN_BAD_FILE where the file names none,
 * with RUN_TOOL_FAILED where one cannot be pulled, and with RUN_BAD_IMAGE where one of ours is of another
 * commit; then nothing is written.
 */
export async function pinImages(options: PinOptions): Promise<void> {
  const { file, say } = options
  const document = parseDocument(readText(file))
  for (const entry of entriesOf(document, file)) {
    const { name, digest } = await pullEntry(entry, options)
    entry.set('newName', name)
    entry.delete('newTag')
    entry.set('digest', digest)
    say(`${name}@${digest}`)
  }
  writeFileSync(file, document.toString({ lineWidth: 0 }))
}

/** The images that a file names. Throws RUN_BAD_FILE where it is no YAML, has none, or one without a name. */
function entriesOf(document: Document, file: string): readonly YAMLMap[] {
  const bad = (what: string): AppError => new AppError('RUN_BAD_FILE', { detail: `${file}: ${what}` })
  const [broken] = document.errors
  if (broken !== undefined) throw bad(broken.message.split('\n')[0] ?? broken.code)
  const images = isMap(document.contents) ? document.contents.get('images') : undefined
  if (!isSeq(images) || images.items.length === 0) throw bad("it has no list 'images' with an image in it")
  return images.items.map((entry, at) => {
    if (isMap(entry) && typeof entry.get('name') === 'string') return entry
    throw bad(`images.${at} has no name`)
  })
}

async function pullEntry(entry: YAMLMap, options: PinOptions): Promise<{ name: string; digest: string }> {
  const { registry, tag, isInsecure, folder } = options
  const named = String(entry.get('name'))
  const isOurs = named.startsWith(OURS) && IMAGES.has(named.slice(OURS.length))
  const name = isOurs ? `${registry}/${named.slice(OURS.length)}` : String(entry.get('newName') ?? named)
  // What was pinned already is pulled by its digest; a release of ours has a new tag.
  const pinned = isOurs ? undefined : entry.get('digest')
  const which = pinned === undefined ? `:${isOurs ? tag : String(entry.get('newTag'))}` : `@${String(pinned)}`
  const pulled = await createBuildah(folder).pull(`docker://${withRegistry(name)}${which}`, isInsecure)
  if (isOurs) assertRevision(name, pulled, options.revision)
  return { name, digest: pulled.digest }
}

/** A name without a registry is one of Docker Hub's. */
function withRegistry(name: string): string {
  const [first = '', ...others] = name.split('/')
  if (others.length > 0 && /[.:]|^localhost$/.test(first)) return name
  return `docker.io/${others.length === 0 ? 'library/' : ''}${name}`
}

function assertRevision(name: string, { labels }: Pulled, revision: string | undefined): void {
  const found = labels['org.opencontainers.image.revision']
  if (revision === undefined || found === revision) return
  throw new AppError('RUN_BAD_IMAGE', { detail: `${name} is built from ${found}, not from ${revision}` })
}
