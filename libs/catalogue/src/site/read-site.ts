import { dirname, resolve } from 'node:path'
import { AppError } from '@meridian/errors'
import { loadCatalogue } from '../load-catalogue.ts'
import type { Catalogue } from '../model.ts'
import { shippedSiteFile, siteDefaultsFile } from '../shipped-files.ts'
import { findSiteFaults } from './check-site.ts'
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

/**
 * Reads a site file and the one that it extends, and checks both against the catalogue, the shipped one by
 * default. Throws CAT_SITE_UNREADABLE, or the code of the first fault, with all faults, their files and lines
 * in the message and in `facts.problems`.
 */
export function readSite(file: string, catalogue: Catalogue = loadCatalogue()): Site {
  const { layers, problems, isWithout } = readLayers(file)
  const merged = merge(layers.map(({ sections }) => sections))
  const whole = { name: '', instances: {}, ...merged }
  const isListed = isWhole(merged) && !isWithout && !isFaulty(problems, 'instances')
  // What names instances can be judged only where all of them are known.
  const site = createSite(isListed ? whole : { ...whole, parts: {}, ownProducer: [] }, file)
  const all = [
    ...problems,
    ...missingSections(merged, file).filter(({ where }) => !isWithout && !isFaulty(problems, where)),
    ...findSiteFaults(site, catalogue)
      .filter(({ code }) => !(isWithout && code === 'CAT_SITE_UNKNOWN'))
      .map(fault => problemAt(fault, layerOf(layers, fault.path)))
  ]
  return all.length === 0 ? site : refuseSite(all)
}

/** Whether a section of the file has a fault of form. */
const isFaulty = (problems: readonly SiteProblem[], section: string): boolean =>
  problems.some(({ where }) => where === '' || where === section || where.startsWith(`${section}.`))

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
  /** Whether what the file extends cannot be read, or extends another: then nobody knows what it would bring. */
  readonly isWithout: boolean
}

/** The file, what it extends, and the defaults, in the order in which they count. */
function readLayers(file: string): Layers {
  const own = readSiteYaml(file)
  const { extended, problems } = readExtended(own)
  const layers = [own, extended ?? [], readSiteYaml(siteDefaultsFile)].flat()
  return {
    layers,
    problems: [...layers.flatMap(layer => layer.problems), ...problems],
    isWithout: problems.length > 0
  }
}

/** What a file extends, and what is wrong with that beside its form; that it cannot be read hides no fault of the file itself. */
function readExtended(own: SiteYaml): {
  readonly extended?: SiteYaml
  readonly problems: readonly SiteProblem[]
} {
  const { extends: name } = own.sections
  if (name === undefined) return { problems: [] }
  try {
    const extended = readSiteYaml(resolve(dirname(own.file), name))
    return { extended, problems: extended.sections.extends === undefined ? [] : [chained(own, extended)] }
  } catch (caught) {
    return { problems: siteProblemsOf(caught) ?? [unreadable(own, AppError.from(caught))] }
  }
}

const chained = ({ file }: SiteYaml, extended: SiteYaml): SiteProblem =>
  problemAt(
    {
      code: 'CAT_SITE_INVALID',
      path: ['extends'],
      message: `a file that '${file}' extends extends no other`
    },
    extended
  )

const unreadable = (own: SiteYaml, { code, detail, entry }: AppError): SiteProblem =>
  problemAt({ code, path: ['extends'], message: `${entry.message}: ${detail}` }, own)

/** Sections of the first file that has them; of `commands` each half, and of `roles` each role by itself. */
function merge(files: readonly SiteFile[]): SiteFile {
  const last = files.toReversed()
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
  return layers.find(has) ?? (layers[0] as SiteYaml)
}
