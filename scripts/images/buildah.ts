import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

/** What images are built of, and what their labels say. */
interface BuildOptions {
  /** Folder with one folder for each image; undefined: everything is compiled from the repository. */
  readonly assembled: string | undefined
  readonly version: string
  /** Commit of the source. */
  readonly revision: string
  /** Address of the source. */
  readonly source: string
}

/** An image that came from a registry. */
export interface Pulled {
  /** Of the manifest that the registry gave for its name: what stands for it in the files of a deployment. */
  readonly digest: string
  readonly labels: Readonly<Record<string, string>>
}

/** buildah with a store of its own. It needs no daemon and no container engine. */
export interface Buildah {
  /** Makes the base image of a folder that holds its files. */
  buildBase(files: string): Promise<void>
  /** The same of what images are compiled in; `env` is what its commands find in their environment. */
  buildCompiler(files: string, env: Readonly<Record<string, string>>): Promise<void>
  /** Builds an image on the base, anew each time. */
  build(app: string, options: BuildOptions): Promise<void>
  /** Writes an image into a folder in OCI layout. */
  save(app: string, folder: string): Promise<void>
  /** Makes an image's file system readable; resolves to its folder. */
  mount(app: string): Promise<string>
  /** Pulls an image, such as `docker://registry.example/meridian/api:v1`; `isInsecure`: by plain HTTP. */
  pull(address: string, isInsecure: boolean): Promise<Pulled>
}

interface Inspected {
  readonly FromImageDigest: string
  readonly OCIv1: { readonly config: { readonly Labels?: Readonly<Record<string, string>> } }
}

const nameOf = (app: string): string => `localhost/meridian/${app}`
/** Everything in an image is of this moment, so that the same files give the same digest. */
const NO_TIME = ['--timestamp', '0']

/** Makes a store in this folder, which is its owner's to remove. */
export function createBuildah(folder: string): Buildah {
  const store = ['--storage-driver', 'vfs', '--root', join(folder, 'store'), '--runroot', join(folder, 'run')]
  const env = { ...process.env, BUILDAH_ISOLATION: 'chroot', SOURCE_DATE_EPOCH: '0' }
  mkdirSync(folder, { recursive: true })
  const buildah = (...args: string[]): Promise<string> => runTool('buildah', [...store, ...args], { env })
  const dockerfile = join(root, 'deploy/images/Dockerfile')
  const buildFrom = async (
    files: string,
    name: string,
    env: Readonly<Record<string, string>>
  ): Promise<void> => {
    const container = (await buildah('from', 'scratch')).trim()
    await buildah('copy', '--quiet', container, files, '/')
    const set = Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    if (set.length > 0) await buildah('config', ...set, container)
    await buildah('commit', '--quiet', ...NO_TIME, '--rm', container, nameOf(name))
  }
  return {
    buildBase: files => buildFrom(files, 'base', {}),
    buildCompiler: (files, env) => buildFrom(files, 'compiler', env),
    async build(app, { assembled, version, revision, source }) {
      const given = {
        APP: app,
        NODE: nameOf('compiler'),
        BASE: nameOf('base'),
        FROM_STAGE: assembled === undefined ? 'compiled' : 'assembled',
        VERSION: version,
        REVISION: revision,
        SOURCE: source
      }
      const args = Object.entries(given).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`])
      const image = ['--quiet', '--no-cache', '--pull-never', '-f', dockerfile, '-t', nameOf(app)]
      await buildah('bud', ...NO_TIME, ...args, ...image, assembled ?? root)
    },
    async save(app, to) {
      await buildah('push', '--quiet', nameOf(app), `oci:${to}:latest`)
    },
    async mount(app) {
      const container = (await buildah('from', '--pull-never', nameOf(app))).trim()
      return (await buildah('mount', container)).trim()
    },
    async pull(address, isInsecure) {
      const id = (await buildah('pull', '--quiet', `--tls-verify=${!isInsecure}`, address)).trim()
      const { FromImageDigest, OCIv1 } = JSON.parse(
        await buildah('inspect', '--type', 'image', id)
      ) as Inspected
      return { digest: FromImageDigest, labels: OCIv1.config.Labels ?? {} }
    }
  }
}
