import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import {
  type Catalogue,
  loadCatalogue,
  mergeSiteFile,
  readSite,
  siteProblemsOf,
  siteProblemText
} from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { type GeneratedFiles, generatedFiles, NATS_CONF } from './generated-files.ts'
import { brokerWarnings, reloadWarnings } from './nats-conf.ts'
import { overlayFaults } from './overlay-faults.ts'
import { chosenOverlays, generatedFolderOf, siteFileOf } from './overlays.ts'
import { driftOf, removeLeftOvers, replaceFolder } from './write-folder.ts'

/** What came of generating: lines for a person, and whether all is well. */
export interface Outcome {
  readonly lines: readonly string[]
  readonly isGood: boolean
}

interface Place {
  readonly folder: string
  readonly files: GeneratedFiles
  readonly warnings: readonly string[]
}

/**
 * Writes the folder `generated` of places, of all where none is named; with `check` it only tells what differs
 * (RUN_DRIFT). Where a site file has a fault nothing is written anywhere, and every fault of every file is told.
 * Throws RUN_BAD_OPTION for a place that is not there.
 */
export function generate(overlays: string, names: readonly string[], { check = false } = {}): Outcome {
  if (!check) removeLeftOvers(overlays)
  const catalogue = loadCatalogue()
  const read = chosenOverlays(overlays, names).map(name => readPlace(overlays, name, catalogue))
  const faults = read.flatMap(place => ('faults' in place ? place.faults : []))
  if (faults.length > 0) return { lines: faults, isGood: false }
  const lines = read.flatMap(place => ('faults' in place ? [] : told(place, check)))
  return { lines, isGood: !check || lines.length === 0 }
}

/** What is to be written of a place, or what is wrong with it. */
function readPlace(
  overlays: string,
  name: string,
  catalogue: Catalogue
): Place | { readonly faults: readonly string[] } {
  try {
    const file = siteFileOf(overlays, name)
    const files = filesOf(file, name, catalogue)
    const warnings = brokerWarnings(readSite(file, catalogue))
    return { folder: generatedFolderOf(overlays, name), files, warnings }
  } catch (caught) {
    return { faults: faultLines(caught) }
  }
}

/** What the site file of a place stands for. Throws as `readSite` what is wrong with it. */
export function filesOf(file: string, place: string, catalogue: Catalogue): GeneratedFiles {
  const site = readSite(file, catalogue, overlayFaults(catalogue, place))
  return generatedFiles({ site, sections: { ...mergeSiteFile(file) }, catalogue })
}

/** A line with code, file, line, entry and cause for each fault of a site file. Throws what is no such fault. */
export function faultLines(caught: unknown): readonly string[] {
  if (!(caught instanceof AppError) || !caught.code.startsWith('CAT_')) throw caught
  return (
    siteProblemsOf(caught)?.map(problem => `${problem.code}: ${siteProblemText(problem)}`) ?? [caught.message]
  )
}

function told({ folder, files, warnings }: Place, check: boolean): readonly string[] {
  const drift = driftOf(folder, files)
  if (check)
    return drift.map(
      ({ path, what }) => new AppError('RUN_DRIFT', { detail: `${shown(folder)}/${path} ${what}` }).message
    )
  removeLeftOvers(dirname(folder))
  const all = [...warnings, ...reloadWarnings(confIn(folder), files.get(NATS_CONF) ?? '')]
  if (drift.length > 0) replaceFolder(folder, files)
  const changes = drift.length === 0 ? 'nothing changes' : `${files.size} files, ${drift.length} changed`
  return [changes, ...all.map(warning => `warning: ${warning}`)].map(line => `${shown(folder)}: ${line}`)
}

/** The nats.conf that stands in a generated folder; empty where there is none. */
function confIn(folder: string): string {
  const file = join(folder, NATS_CONF)
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** A path as a person at this terminal would write it. */
export const shown = (path: string): string => relative(process.cwd(), path)
