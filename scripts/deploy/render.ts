import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'
import { isDraft } from '../site/write-folder.ts'
import { obtainGoTool } from './go-tool.ts'
import { ensureLocalKeys } from './local-keys.ts'
import { type Resource, readResources } from './resource.ts'

/** The tree of what runs on Kubernetes. */
export const deployFolder = join(root, 'deploy')
const RENDER_MS = 120_000

/** What Kustomize made of a folder. */
export interface Rendering {
  /** The overlay, or what else was rendered. */
  readonly name: string
  readonly text: string
  readonly resources: readonly Resource[]
  readonly seconds: number
}

const foldersIn = (folder: string, file: string): string[] =>
  readdirSync(join(deployFolder, folder)).filter(
    name => !isDraft(name) && existsSync(join(deployFolder, folder, name, file))
  )

/** The places that have an overlay. */
export const overlays = (): string[] => foldersIn('overlays', 'kustomization.yaml')

/** The options of an overlay, `images` last, since others bring containers; `keys` is part of others. */
export const components = (): string[] => [
  ...foldersIn('components', 'kustomization.yaml').filter(name => name !== 'keys' && name !== 'images'),
  'images'
]

/** Renders a folder. Throws with what Kustomize says in one line. */
export async function renderFolder(name: string, folder: string): Promise<Rendering> {
  const binary = await obtainGoTool('kustomize')
  const began = performance.now()
  const text = await runTool(binary, ['build', folder], { timeoutMs: RENDER_MS })
  const seconds = (performance.now() - began) / 1000
  return { name, text, resources: readResources(text), seconds }
}

const LOCAL_KEYS = 'components/secrets-local/keys.env'
/** The keys of the component `secrets-local`, a file that is in no repository. */
export const localKeysFile = join(deployFolder, LOCAL_KEYS)

/** Whether a kustomization lists that component. */
export const takesLocalKeys = (kustomization: string): boolean =>
  /^ *- .*\/components\/secrets-local *(?:#.*)?$/m.test(kustomization)

/** The kustomization of a place, as it stands. */
export const kustomizationText = (place: string): string =>
  readFileSync(join(deployFolder, 'overlays', place, 'kustomization.yaml'), 'utf8')

/** Renders the overlay of a place. */
export const renderOverlay = (name: string): Promise<Rendering> =>
  renderFolder(name, join(deployFolder, 'overlays', name))

/** Some components over the base and the producers of a place, which no overlay of the tree is. */
export interface ComponentSet {
  readonly name: string
  readonly place: string
  readonly options: readonly string[]
  /** Put before every name. */
  readonly namePrefix?: string
  /** Those of a kustomization. */
  readonly patches?: readonly unknown[]
}

/** Calls `use` with what renders sets of components, in a copy of the tree that is gone afterwards. */
export async function withComponentSets<T>(
  use: (render: (set: ComponentSet) => Promise<Rendering>) => Promise<T>
): Promise<T> {
  const copy = mkdtempSync(join(tmpdir(), 'meridian-deploy-'))
  const folder = join(copy, 'overlays/of-components')
  try {
    cpSync(deployFolder, copy, { recursive: true })
    ensureLocalKeys(join(copy, LOCAL_KEYS))
    mkdirSync(folder)
    return await use(set => {
      writeFileSync(join(folder, 'kustomization.yaml'), kustomizationOf(set))
      return renderFolder(set.name, folder)
    })
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const kustomizationOf = ({ place, options, namePrefix, patches }: ComponentSet): string =>
  JSON.stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    namespace: 'meridian',
    namePrefix,
    patches,
    resources: ['../../base', `../${place}/generated`],
    components: options.map(option => `../../components/${option}`)
  })
