/**
 * What a build took from npm, written beside it as `sbom.cdx.json` (CycloneDX 1.6). A bundle has no node_modules
 * that a scanner could read, so the list is made where it is known: from the modules that the bundler put in.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'vite'

/** The file beside a build that lists its packages. */
export const SBOM_FILE = 'sbom.cdx.json'

/** A package of npm, as CycloneDX tells of it. */
interface SbomComponent {
  readonly type: 'library'
  /** Its address, such as `pkg:npm/%40fastify/cookie@11.1.5`: what scanners look for. */
  readonly 'bom-ref': string
  readonly purl: string
  readonly name: string
  readonly version: string
  /** Its licence, with the text that must go wherever the code goes, where it is not that of Meridian itself. */
  readonly licenses: readonly { readonly license: Readonly<Record<string, unknown>> }[]
}

/** A list of packages, as CycloneDX has it. Nothing in it depends on when or where it was made. */
export interface Sbom {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly version: 1
  readonly metadata: { readonly component: { readonly type: 'application'; readonly name: string } }
  readonly components: readonly SbomComponent[]
}

/**
 * Writes the packages of all modules of a build into `sbom.cdx.json`. `folders`: those of the packages; where
 * workers are built beside, `notePackages` of the same set adds theirs.
 */
export function listPackages(folders = new Set<string>()): Plugin[] {
  return [
    notePackages(folders),
    {
      name: 'list-packages',
      generateBundle() {
        const source = sbomText('bundle', [...folders].map(componentOf))
        this.emitFile({ type: 'asset', fileName: SBOM_FILE, source })
      }
    }
  ]
}

/** Adds the folder of each package that a build takes a module of. */
export function notePackages(folders: Set<string>): Plugin {
  return {
    name: 'note-packages',
    generateBundle(_options, bundle) {
      for (const chunk of Object.values(bundle))
        if (chunk.type === 'chunk') for (const id of chunk.moduleIds) add(folders, id)
    }
  }
}

function add(folders: Set<string>, moduleId: string): void {
  const folder = packageFolderOf(moduleId)
  if (folder !== undefined) folders.add(folder)
}

/** The folder of the npm package that a module lies in; undefined for our own, and for those the bundler makes up. */
function packageFolderOf(moduleId: string): string | undefined {
  const [, folder] = /([^\0?]*\/node_modules\/(?:@[^/]+\/)?[^/?]+)\//.exec(moduleId) ?? []
  return folder !== undefined && existsSync(join(folder, 'package.json')) ? folder : undefined
}

/** The text of a list of packages: sorted, each once, the same for the same packages. */
export function sbomText(name: string, components: readonly SbomComponent[]): string {
  const unique = new Map(components.map(component => [component.purl, component]))
  const sbom: Sbom = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name } },
    components: [...unique.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1))
  }
  return `${JSON.stringify(sbom)}\n`
}

interface PackageJson {
  readonly name: string
  readonly version: string
  readonly license?: unknown
}

/** What is told of the package in a folder. Throws where its package.json cannot be read. */
function componentOf(folder: string): SbomComponent {
  const { name, version, license } = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8')
  ) as PackageJson
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  const content = license === OWN_LICENCE ? '' : licenceTextOf(folder)
  const said = typeof license === 'string' ? license : 'unknown'
  const named = /^[\w.+-]+$/.test(said) && said !== 'unknown' ? { id: said } : { name: said }
  const licenses = [{ license: { ...named, ...(content !== '' && { text: { content } }) } }]
  return { type: 'library', 'bom-ref': purl, purl, name, version, licenses }
}

/** Ours, whose text goes along with every release anyway. */
const OWN_LICENCE = 'Apache-2.0'
const LICENCE_FILE = /^(licen[cs]e|copying)([.-][\w.-]+)?$/i

function licenceTextOf(folder: string): string {
  const file = readdirSync(folder).find(entry => LICENCE_FILE.test(entry))
  return file === undefined ? '' : readFileSync(join(folder, file), 'utf8')
}
