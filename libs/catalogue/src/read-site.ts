import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { AppError } from '@meridian/errors'
import { Check, Errors } from 'typebox/schema'
import { parseDocument, type YAMLError } from 'yaml'
import { loadCatalogue } from './load-catalogue.ts'
import type { Catalogue } from './model.ts'
import { type Site, type SiteEntry, type SiteProblem, siteFileSchema, siteOf } from './site.ts'

/** Rubin's three sites, and `small`: a dozen instances for a quick look. */
export const shippedSites = fileURLToPath(new URL('../facts/sites.yaml', import.meta.url))

/** Which site of the file, and what it may name; the shipped catalogue unless told otherwise. */
export interface SiteOptions {
  readonly name?: string
  readonly catalogue?: Catalogue
}

/** One of the shipped sites: `summit`, `base`, `tucson` or `small`. Throws as `readSite`. */
export const loadSite = (name: string, catalogue?: Catalogue): Site =>
  readSite(shippedSites, { name, ...(catalogue && { catalogue }) })

/**
 * Reads one site of a YAML file; `name` may be left out where the file has one. Throws CAT_SITE_UNREADABLE, or the code of the
 * first fault, with all faults in the message and in `facts.problems`.
 */
export function readSite(file: string, options: SiteOptions = {}): Site {
  const entries = parseEntries(file)
  const name = options.name ?? onlyName(Object.keys(entries), file)
  const entry = entries[name]
  if (entry === undefined) return refuse(file, [unknownSite(name, Object.keys(entries))])
  const { site, problems } = siteOf(name, entry, options.catalogue ?? loadCatalogue())
  return problems.length === 0 ? site : refuse(file, problems)
}

/** Where the instances of a site are listed; an empty text counts as not given. */
export interface InstanceSettings {
  /** YAML file; default: the shipped sites. */
  readonly file: string
  /** Name of the list; default: the site. */
  readonly list: string
  readonly site: string
}

/**
 * Loads the list of a site: from its own file, where the list must be, or from the shipped ones, where a site may be missing: then
 * undefined. Throws as `readSite`.
 */
export function loadInstances(settings: InstanceSettings, catalogue?: Catalogue): Site | undefined {
  const name = settings.list || settings.site
  const file = settings.file || shippedSites
  if (settings.file === '' && !siteNames().includes(name)) return undefined
  return readSite(file, { name, ...(catalogue && { catalogue }) })
}

/** Names of the sites in a file. Throws as `readSite`. */
export const siteNames = (file: string = shippedSites): readonly string[] => Object.keys(parseEntries(file))

function parseEntries(file: string): Record<string, SiteEntry> {
  const document = parseDocument(readText(file))
  if (document.errors.length > 0) return refuse(file, document.errors.map(yamlProblem))
  const value: unknown = document.toJS()
  if (Check(siteFileSchema, value)) return value
  const [, errors] = Errors(siteFileSchema, value)
  return refuse(
    file,
    errors.map(({ instancePath, message }) => ({
      code: 'CAT_SITE_INVALID',
      where: instancePath.slice(1).replaceAll('/', '.') || 'file',
      message
    }))
  )
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AppError('CAT_SITE_UNREADABLE', { cause, detail: `'${file}'`, file })
  }
}

function yamlProblem(error: YAMLError): SiteProblem {
  const line = `line ${error.linePos?.[0].line ?? '?'}`
  const message = (error.message.split('\n')[0] ?? '').replace(/ at line .*$/, '')
  return {
    code: error.code === 'DUPLICATE_KEY' ? 'CAT_SITE_DUPLICATE' : 'CAT_SITE_UNREADABLE',
    where: line,
    message
  }
}

function onlyName(names: readonly string[], file: string): string {
  if (names.length === 1 && names[0] !== undefined) return names[0]
  return refuse(file, [
    { code: 'CAT_SITE_UNKNOWN', where: 'file', message: `say which of ${names.join(', ')}` }
  ])
}

const unknownSite = (name: string, names: readonly string[]): SiteProblem => ({
  code: 'CAT_SITE_UNKNOWN',
  where: 'file',
  message: `no site '${name}', only ${names.join(', ')}`
})

function refuse(file: string, problems: readonly SiteProblem[]): never {
  const detail = `'${file}': ${problems.map(({ where, message }) => `${where}: ${message}`).join('; ')}`
  throw new AppError(problems[0]?.code ?? 'CAT_SITE_INVALID', { detail, file, problems })
}
