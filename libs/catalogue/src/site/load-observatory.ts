import { AppError } from '@meridian/errors'
import { Type } from 'typebox'
import { loadCatalogue } from '../load-catalogue.ts'
import type { Catalogue } from '../model.ts'
import { shippedSiteFile } from '../shipped-files.ts'
import { createSiteWithoutFile, readSite } from './read-site.ts'
import type { Site } from './site.ts'

/**
 * Settings of a service that needs to know what can be said and where; spread into its own schema beside
 * `SITE`.
 */
export const observatorySettings = {
  SITE_FILE: Type.String({
    default: '',
    description: 'site file (YAML), whose name must be SITE; default: the shipped file of that name, if any'
  }),
  CATALOGUE_FILE: Type.String({ default: '', description: 'facts file; default: the shipped catalogue' })
} as const

/** The settings as a service has read them. */
export interface ObservatorySettings {
  readonly SITE: string
  readonly SITE_FILE: string
  readonly CATALOGUE_FILE: string
}

/** What can be said, and what is true of the place. */
export interface Observatory {
  readonly catalogue: Catalogue
  readonly site: Site
}

/**
 * Loads catalogue and site as the settings name them. A site of which no file is shipped has no instances and
 * `site.file` is undefined. Throws CAT_SITE_NAME where the file is that of another site, and what
 * `loadCatalogue` and `readSite` throw.
 */
export function loadObservatory({ SITE, SITE_FILE, CATALOGUE_FILE }: ObservatorySettings): Observatory {
  const catalogue = loadCatalogue(CATALOGUE_FILE === '' ? {} : { file: CATALOGUE_FILE })
  const file = SITE_FILE === '' ? shippedSiteFile(SITE) : SITE_FILE
  if (file === undefined) return { catalogue, site: createSiteWithoutFile(SITE) }
  const site = readSite(file, catalogue)
  if (site.name !== SITE)
    throw new AppError('CAT_SITE_NAME', {
      detail: `'${file}' is of '${site.name}', but SITE is '${SITE}'`,
      file,
      site: SITE
    })
  return { catalogue, site }
}
