import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { AppError, didYouMean } from '@meridian/errors'
import { root } from '../root.ts'
import { isDraft } from './write-folder.ts'

/** Where the overlays of all places stand, one folder each. */
export const overlaysFolder = join(root, 'deploy/overlays')

/** The file of a place, the only one of its overlay that says anything of the site. */
export const siteFileOf = (overlays: string, name: string): string => join(overlays, name, 'site.yaml')

/** What the generator writes of a place. */
export const generatedFolderOf = (overlays: string, name: string): string => join(overlays, name, 'generated')

/** All places that have a file, by name. */
const overlayNames = (overlays: string): readonly string[] =>
  readdirSync(overlays)
    .filter(name => !name.startsWith('.') && !isDraft(name) && existsSync(siteFileOf(overlays, name)))
    .sort()

/** The places asked for, all where none is named. Throws RUN_BAD_OPTION for one that is not there. */
export function chosenOverlays(overlays: string, names: readonly string[]): readonly string[] {
  const all = overlayNames(overlays)
  const unknown = names.find(name => !all.includes(name))
  if (unknown !== undefined)
    throw new AppError('RUN_BAD_OPTION', {
      detail: `${siteFileOf(overlays, unknown)} is not there${didYouMean(unknown, all)}`
    })
  return names.length > 0 ? [...new Set(names)] : all
}
