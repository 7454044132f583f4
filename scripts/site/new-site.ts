import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import {
  type Catalogue,
  loadCatalogue,
  readSite,
  type Site,
  type SiteProblem,
  siteProblemsOf
} from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { faultLines, filesOf, type Outcome, shown } from './generate.ts'
import { overlayFaults } from './overlay-faults.ts'
import { siteFileOf } from './overlays.ts'
import { isReadOnly } from './producer-entries.ts'
import { replaceFolder } from './write-folder.ts'

/** What is said of a site that is to be made. */
export interface NewSite {
  readonly name: string
  readonly host: string
  /** Such as `MTMount`, `ESS:301` or `ESS:1,2`; a component that has no index may leave it out. */
  readonly instances: readonly string[]
  /** Those among the components that no catalogue knows. */
  readonly homeMade: readonly string[]
  readonly observatory?: string
  /** A file from whose sections the site takes what it does not say, from its own folder: `../rubin.yaml`. */
  readonly extends?: string
  /** The place whose kustomization and sizes it gets. */
  readonly like: string
}

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?$/

/**
 * Makes the overlay of a site: its site.yaml, a kustomization.yaml like that of another place, and what is generated;
 * all of it or, where the site file would have a fault, nothing. Throws RUN_BAD_OPTION for what cannot be in a site file, and where
 * the place is there already.
 */
export function newSite(overlays: string, asked: NewSite): Outcome {
  const { name, like } = asked
  const catalogue = loadCatalogue()
  const folder = join(overlays, name)
  return withDraft(overlays, asked, (file, text) => {
    try {
      const generated = filesOf(file, name, catalogue)
      const kustomization = kustomizationLike(join(overlays, like), { like, name })
      replaceFolder(
        folder,
        new Map([
          ['site.yaml', text],
          ['kustomization.yaml', kustomization],
          ...[...generated].map(([path, text]) => [`generated/${path}`, text] as const)
        ])
      )
      return { lines: [`${shown(folder)}: ${generated.size + 2} files`], isGood: true }
    } catch (caught) {
      const draft = basename(dirname(file))
      return { lines: faultLines(caught).map(line => line.replaceAll(draft, name)), isGood: false }
    }
  })
}

/**
 * What is wrong with the site file of a new site, of which nothing is written. Throws RUN_BAD_OPTION as
 * `newSite`.
 */
export const draftProblems = (
  overlays: string,
  asked: NewSite,
  catalogue: Catalogue
): readonly SiteProblem[] =>
  withDraft(overlays, asked, file => {
    try {
      readSite(file, catalogue, overlayFaults(catalogue, asked.name))
      return []
    } catch (caught) {
      const problems = siteProblemsOf(caught)
      if (problems === undefined) throw caught
      return problems
    }
  })

/** Calls `use` with the site file of a new site in a folder beside the others, which is gone afterwards. */
function withDraft<T>(overlays: string, asked: NewSite, use: (file: string, text: string) => T): T {
  const text = siteText(asked, assertPossible(overlays, asked))
  const draft = join(overlays, `.${asked.name}.${process.pid}.draft`)
  const file = join(draft, 'site.yaml')
  try {
    mkdirSync(draft)
    writeFileSync(file, text)
    return use(file, text)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

/**
 * The place that a new site is to be like. Throws RUN_BAD_OPTION where there is none of this name or it cannot be
 * followed, and where the new one cannot be called so or is there already.
 */
export function assertPossible(overlays: string, { name, like }: Pick<NewSite, 'name' | 'like'>): Site {
  assertNew(overlays, name)
  return modelOf(overlays, like)
}

function assertNew(overlays: string, name: string): void {
  if (!NAME.test(name))
    throw bad(`'${name}' cannot be the name of a site: 1 to 50 small letters, digits or '-' are expected`)
  if (existsSync(join(overlays, name))) throw bad(`${shown(join(overlays, name))} is there already`)
}

function modelOf(overlays: string, like: string): Site {
  const file = siteFileOf(overlays, like)
  if (!existsSync(file)) throw bad(`--like ${like}: ${shown(file)} is not there`)
  const site = readSite(file)
  if (isReadOnly(site)) throw bad(`--like ${like}: it only reads another site`)
  return site
}

/** The kustomization of another place under the name of this one. */
function kustomizationLike(folder: string, { like, name }: Pick<NewSite, 'like' | 'name'>): string {
  const text = readFileSync(join(folder, 'kustomization.yaml'), 'utf8').replace(/^(?:#.*\n)+/, '')
  return `# Made like ${like}; it is yours to change.\n${text.replaceAll(`place: ${like}\n`, `place: ${name}\n`)}`
}

function siteText(asked: NewSite, { deploy }: Site): string {
  const { gateways, commanders, nats } = deploy
  return `# ${asked.observatory ?? asked.name}. What can stand here is in docs/sites.md; after a change: pnpm site generate ${asked.name}
name: ${asked.name}
${optional('observatory', asked.observatory)}${optional('extends', asked.extends)}
deploy:
  host: ${JSON.stringify(asked.host)}
  gateways: { min: ${gateways.min}, max: ${gateways.max} }
  commanders: ${commanders}
  nats: { servers: ${nats.servers}, storage: ${nats.storage}${nats.tls ? ', tls: true' : ''} }

instances:
${[...indicesOf(asked.instances)].map(([csc, indices]) => `  ${csc}: [${indices.join(', ')}]\n`).join('')}${componentsText(asked.homeMade)}`
}

const optional = (section: string, value: string | undefined): string =>
  value === undefined ? '' : `${section}: ${JSON.stringify(value)}\n`

const componentsText = (names: readonly string[]): string =>
  names.length === 0 ? '' : `\ncomponents:\n${names.map(name => `  ${nameIn(name)}: {}\n`).join('')}`

/** Indices by component, in the order in which components are named first. */
function indicesOf(instances: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const all = new Map<string, number[]>()
  for (const text of instances) {
    const [csc = '', list = '0', more] = text.split(':')
    if (more !== undefined) throw bad(`instance '${text}': MTMount, ESS:301 or ESS:1,2 is expected`)
    const indices = list.split(',').map(index => indexIn(index, text))
    all.set(nameIn(csc), [...(all.get(csc) ?? []), ...indices])
  }
  return all
}

function indexIn(index: string, text: string): number {
  if (!/^\d{1,10}$/.test(index)) throw bad(`instance '${text}': '${index}' is no index`)
  return Number(index)
}

function nameIn(csc: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(csc)) throw bad(`'${csc}' cannot be the name of a component`)
  return csc
}

const bad = (detail: string): AppError => new AppError('RUN_BAD_OPTION', { detail })
