import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** A layer: what is pulled, and what it takes on a disk. */
interface Layer {
  readonly digest: string
  readonly pulledBytes: number
  readonly unpackedBytes: number
}

/** What an image is, as a folder in OCI layout tells it. */
export interface OciImage {
  /** Of the manifest: what `name@sha256:...` names. */
  readonly digest: string
  /** From the base up. */
  readonly layers: readonly Layer[]
  readonly user: string
  readonly workingDir: string
  readonly entrypoint: readonly string[]
  readonly env: readonly string[]
  readonly labels: Readonly<Record<string, string>>
}

interface Descriptor {
  readonly digest: string
  readonly size: number
}

interface ImageConfig {
  readonly User?: string
  readonly WorkingDir?: string
  readonly Entrypoint?: readonly string[]
  readonly Env?: readonly string[]
  readonly Labels?: Readonly<Record<string, string>>
}

/** Reads the only image of a folder in OCI layout. */
export function readOciImage(folder: string): OciImage {
  const blob = ({ digest }: Descriptor): Buffer =>
    readFileSync(join(folder, 'blobs', digest.replace(':', '/')))
  const json = <T>(of: Descriptor): T => JSON.parse(String(blob(of))) as T
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8')) as { manifests: [Descriptor] }
  const [{ digest }] = index.manifests
  const manifest = json<{ config: Descriptor; layers: readonly Descriptor[] }>(index.manifests[0])
  const { config } = json<{ config: ImageConfig }>(manifest.config)
  return {
    digest,
    layers: manifest.layers.map(layer => ({
      digest: layer.digest,
      pulledBytes: layer.size,
      unpackedBytes: gunzipSync(blob(layer)).length
    })),
    user: config.User ?? '',
    workingDir: config.WorkingDir ?? '/',
    entrypoint: config.Entrypoint ?? [],
    env: config.Env ?? [],
    labels: config.Labels ?? {}
  }
}
