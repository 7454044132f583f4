import { dirname, resolve } from 'node:path'
import { AppError } from '@meridian/errors'
import { loadCatalogue } from '../load-catalogue.ts'
import type { Catalogue } from '../model.ts'
import { shippedSiteFile, siteDefaultsFile } from '../shipped-files.ts'
import { findSiteFaults, type SiteFault } from './check-site.ts'
import { createSite, type Site } from './site.ts'
import type { MergedSiteFile, SiteFile } from './site-file.ts'
import {
  problemAt,
  readSiteYaml,
  refuseSite,
  type SiteProblem,
  type SiteYaml,
  siteProblemsOf
} from './yaml-file.ts'

/** What a use of a site file asks for besides what every site must have. */
export type SiteCheck = (site: Site) => readonly SiteFault[]

/**
 * Reads a site file and what it extends, and checks all of it against the catalogue, the shipped one by
 * default, and by a check of the caller's own. Throws CAT_SITE_UNREADABLE, or the code of the first fault, with
 * all faults, their files and lines in the message and in `facts.problems`.
 */
export function readSite(
  file: string,
  catalogue: Catalogue = loadCatalogue(),
  check: SiteCheck = () => []
): Site {
  const { layers, problems, isWithout } = readLayers(file)
  const merged = mergeLayers(layers)
  const whole = { name: '', instances: {}, ...merged }
  const isListed = isWhole(merged) && !isWithout && !isFaulty(problems, 'instances')
  // What names instances can be judged only where all of them are known.
  const site = createSite(isListed ? whole : { ...whole, parts: {}, ownProducer: [], profiles: {} }, file)
  const all = [
    ...problems,
    ...missingSections(merged, file).filter(({ where }) => !isWithout && !isFaulty(problems, where)),
    ...[...findSiteFaults(site, catalogue), ...check(site).filter(fault => !isTold(problems, fault))]
      .filter(({ code }) => !(isWithout && code === 'CAT_SITE_UNKNOWN'))
      .map(fault => problemAt(fault, layerOf(layers, fault.path)))
  ]
  return all.length === 0 ? site : refuseSite(all)
}

/** Whether what stands there has a fault of form: then it was cut out, and is not missing. */
const isTold = (problems: readonly SiteProblem[], { path }: SiteFault): boolean =>
  problems.some(({ where }) => where === path.join('.'))

/** Whether a section of the file has a fault of form. */
const isFaulty = (problems: readonly SiteProblem[], section: string): boolean =>
  problems.some(({ where }) => where === '' || where === section || where.startsWith(`${section}.`))

/**
 * The sections of a sound site file with everything that it extends and without the defaults, for a place where it
 * stands alone. Throws as `readSite`.
 */
export function mergeSiteFile(file: string): MergedSiteFile {
  const merged = mergeLayers(readLayers(file).layers.slice(0, -1))
  return isWhole(merged) ? merged : refuseSite(missingSections(merged, file))
}

/** Reads a shipped site. Throws CAT_SITE_UNREADABLE where none of that name is shipped, and as `readSite`. */
export const loadSite = (name: string, catalogue?: Catalogue): Site =>
  readSite(shippedSiteFile(name) ?? `${name}.yaml`, catalogue)

/** A site without a file: nothing is known of it but its name, and the defaults. */
export function createSiteWithoutFile(name: string): Site {
  const defaults = readSiteYaml(siteDefaultsFile).sections
  return createSite({ ...defaults, name, instances: {} })
}

interface Layers {
  readonly layers: readonly SiteYaml[]
  readonly problems: readonly SiteProblem[]
  /** Whether what the file extends cannot be read, or is extended without an end: nobody knows what it would bring. */
  readonly isWithout: boolean
}

/** The file, what it extends, and the defaults, in the order in which they count. */
function readLayers(file: string): Layers {
  const own = readSiteYaml(file)
  const { extended, problems } = readExtended([own])
  const layers = [own, ...extended, readSiteYaml(siteDefaultsFile)]
  return {
    layers,
    problems: [...layers.flatMap(layer => layer.problems), ...problems],
    isWithout: problems.length > 0
  }
}

interface Extended {
  readonly extended: readonly SiteYaml[]
  /** What is wrong with extending, beside the form of the files. */
  readonly problems: readonly SiteProblem[]
}

/** What the last of some files extends, and so on; that it cannot be read hides no fault of those before. */
function readExtended(files: readonly SiteYaml[]): Extended {
  const last = files.at(-1) as SiteYaml
  const { extends: name } = last.sections
  if (name === undefined) return { extended: [], problems: [] }
  const path = resolve(dirname(last.file), name)
  if (files.some(({ file }) => resolve(file) === path))
    return { extended: [], problems: [extendsItself(last, path)] }
  try {
    const next = readSiteYaml(path)
    const { extended, problems } = readExtended([...files, next])
    return { extended: [next, ...extended], problems }
  } catch (caught) {
    return {
      extended: [],
      problems: siteProblemsOf(caught) ?? [unreadable(last, AppError.from(caught))]
    }
  }
}

const extendsItself = (own: SiteYaml, path: string): SiteProblem =>
  problemAt(
    { code: 'CAT_SITE_INVALID', path: ['extends'], message: `'${path}' extends this file, so it never ends` },
    own
  )

const unreadable = (own: SiteYaml, { code, detail, entry }: AppError): SiteProblem =>
  problemAt({ code, path: ['extends'], message: `${entry.message}: ${detail}` }, own)

/** `deploy` is of one place: what a file extends is another one. */
const withoutPlace = ({ deploy: _, ...rest }: SiteFile): SiteFile => rest

/** Sections of the first file that has them; of `commands` each half, and of `roles` each role by itself. */
function mergeLayers(layers: readonly SiteYaml[]): SiteFile {
  const last = layers.map(({ sections }, at) => (at === 0 ? sections : withoutPlace(sections))).toReversed()
  const { extends: _, ...merged } = Object.assign({}, ...last) as SiteFile
  const commands = Object.assign({}, ...last.map(file => file.commands))
  return { ...merged, commands, roles: Object.assign({}, ...last.map(file => file.roles)) }
}

const isWhole = (file: SiteFile): file is SiteFile & MergedSiteFile =>
  file.name !== undefined && file.instances !== undefined

const missingSections = (merged: SiteFile, file: string): SiteProblem[] =>
  (['name', 'instances'] as const)
    .filter(section => merged[section] === undefined)
    .map(section => ({ code: 'CAT_SITE_INVALID', file, where: section, message: 'is missing' }))

/** The file in which a path stands. */
function layerOf(layers: readonly SiteYaml[], path: readonly (string | number)[]): SiteYaml {
  const [section = '', half = ''] = path.map(String)
  const has = ({ sections }: SiteYaml): boolean => {
    const value: unknown = sections[section as keyof SiteFile]
    const isMerged = section === 'commands' || section === 'roles'
    return value !== undefined && (!isMerged || Object.hasOwn(value as object, half))
  }
  const own = layers[0] as SiteYaml
  return section === 'deploy' ? own : (layers.find(has) ?? own)
}
