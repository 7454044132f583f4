import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { VERSION } from '@meridian/service'
import { SBOM_FILE, type Sbom } from '../build/list-packages.ts'
import type { OciImage } from './oci-layout.ts'

/** Most bytes that an image may add to its base, unpacked. */
const MAX_APP_BYTES = 5_000_000
const WRITABLE_BY_OTHERS = 0o22

/** An image that was built. */
export interface BuiltImage {
  readonly name: string
  readonly image: OciImage
  /** Its file system. */
  readonly rootFolder: string
  /** How many of its layers are those of the base. */
  readonly baseLayers: number
  /** Commit that it was built from. */
  readonly revision: string
}

/** Bytes that an image adds to its base: what is pulled, and what they take on a disk. */
export function appBytesOf({ image, baseLayers }: Pick<BuiltImage, 'image' | 'baseLayers'>): {
  readonly pulled: number
  readonly unpacked: number
} {
  const own = image.layers.slice(baseLayers)
  return {
    pulled: own.reduce((sum, { pulledBytes }) => sum + pulledBytes, 0),
    unpacked: own.reduce((sum, { unpackedBytes }) => sum + unpackedBytes, 0)
  }
}

/** What is wrong with an image as it lies there, one sentence each; empty: nothing. */
export const findFaults = (built: BuiltImage): readonly string[] => [
  ...configFaults(built),
  ...fileFaults(join(built.rootFolder, 'app')),
  ...sizeFaults(built)
]

function configFaults({ image, name, revision }: BuiltImage): readonly string[] {
  const expected: readonly (readonly [what: string, found: unknown, expected: string])[] = [
    ['user', image.user, '65532:65532'],
    ['entrypoint', JSON.stringify(image.entrypoint), '["node","dist/main.js"]'],
    ['label title', labelOf(image, 'title'), `meridian/${name}`],
    ['label version', labelOf(image, 'version'), VERSION],
    ['label revision', labelOf(image, 'revision'), revision]
  ]
  const wrong = expected.filter(([, found, wanted]) => found !== wanted)
  const faults = wrong.map(([what, found, wanted]) => `${what} is ${found}, not ${wanted}`)
  return labelOf(image, 'source') === undefined ? [...faults, 'label source is missing'] : faults
}

const labelOf = ({ labels }: OciImage, what: string): string | undefined =>
  labels[`org.opencontainers.image.${what}`]

function fileFaults(app: string): readonly string[] {
  const files = readdirSync(app, { recursive: true, encoding: 'utf8' })
  const strange = files.filter(file => /(^|\/)node_modules(\/|$)|\.node$/.test(file))
  const writable = files.filter(file => (statSync(join(app, file)).mode & WRITABLE_BY_OTHERS) !== 0)
  return [
    ...strange.map(file => `${file} must not be in it`),
    ...writable.map(file => `others can write to ${file}`),
    ...(packagesIn(app) === 0 ? [`${SBOM_FILE} lists no packages`] : [])
  ]
}

const packagesIn = (app: string): number =>
  (JSON.parse(readFileSync(join(app, SBOM_FILE), 'utf8')) as Sbom).components.length

function sizeFaults(built: BuiltImage): readonly string[] {
  const { unpacked } = appBytesOf(built)
  return unpacked > MAX_APP_BYTES ? [`${unpacked} bytes above its base are more than ${MAX_APP_BYTES}`] : []
}
