import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { publicKeyOf } from '@meridian/broker'
import { loadCatalogue, readSite } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { type ProcessKind, processKinds } from '@meridian/subjects'
import { type Document, parseDocument } from 'yaml'
import { writePrivateFile } from '../start/private-files.ts'
import { faultLines, type Outcome, shown } from './generate.ts'
import { newKeys, textOfKeys } from './key-lines.ts'
import { overlayFaults } from './overlay-faults.ts'
import { siteFileOf } from './overlays.ts'

/** What is asked of the keys of a site. */
export interface KeysAsked {
  readonly name: string
  /** The file of secrets; default: `keys.env` beside the site file, which git ignores. */
  readonly to?: string
  /** Kinds whose keys are replaced; the ones that were hold beside the new ones until `forget`. */
  readonly renew: readonly string[]
  /** Whether keys that were replaced hold no longer. */
  readonly forget: boolean
}

/**
 * Makes what is missing of the secrets of a site, a seed for each kind of process and for the broker itself and the admin's
 * word, and writes the public halves into its site file, whose comments stay. What is there is kept unless it is told to be
 * renewed. Throws RUN_BAD_OPTION for a kind that is none and for a site file that is not there.
 */
export function makeSiteKeys(overlays: string, asked: KeysAsked): Outcome {
  const file = siteFileOf(overlays, asked.name)
  if (!existsSync(file)) throw bad(`${shown(file)} is not there`)
  const catalogue = loadCatalogue()
  try {
    readSite(file, catalogue, overlayFaults(catalogue, asked.name))
  } catch (caught) {
    return { lines: faultLines(caught), isGood: false }
  }
  const secrets = asked.to ?? join(overlays, asked.name, 'keys.env')
  const { kept, all } = newKeys(
    existsSync(secrets) ? readFileSync(secrets, 'utf8') : '',
    kindsOf(asked.renew)
  )
  const document = parseDocument(readFileSync(file, 'utf8'))
  assertForgotten(document, asked)
  const changed = writePublicHalves(document, all, asked)
  // First the secrets: a public half without a seed would shut a process out.
  writePrivateFile(secrets, textOfKeys(all))
  if (changed.length > 0)
    writeFileSync(file, document.toString({ lineWidth: 0, flowCollectionPadding: true }))
  return { lines: linesOf(file, secrets, { kept, all, changed }), isGood: true }
}

function kindsOf(names: readonly string[]): readonly ProcessKind[] {
  const unknown = names.find(name => !processKinds.some(kind => kind === name))
  if (unknown !== undefined) throw bad(`--renew ${unknown}: one of ${processKinds.join(', ')} is expected`)
  return names as readonly ProcessKind[]
}

/** A key holds beside one older one: a third would shut out who still has the first. */
function assertForgotten(document: Document, { renew, forget }: KeysAsked): void {
  const twice = renew.filter(kind => !forget && document.hasIn(['deploy', 'oldNkeys', kind]))
  if (twice.length > 0)
    throw bad(
      `--renew ${twice.join(',')}: an older key still holds; once every process has its new seed, --forget first`
    )
}

/** Writes those that differ, and returns their kinds. */
function writePublicHalves(
  document: Document,
  keys: ReadonlyMap<string, string>,
  { renew, forget }: KeysAsked
): readonly string[] {
  if (forget) document.deleteIn(['deploy', 'oldNkeys'])
  const changed = processKinds.filter(kind => {
    const path = ['deploy', 'nkeys', kind]
    const [now, next] = [document.getIn(path), publicKeyOf(keys.get(`${kind}.seed`) ?? '')]
    if (now === next) return false
    if (now !== undefined && renew.includes(kind)) document.setIn(['deploy', 'oldNkeys', kind], now)
    document.setIn(path, next)
    return true
  })
  return forget ? [...changed, 'old keys'] : changed
}

function linesOf(
  file: string,
  secrets: string,
  { kept, all, changed }: { kept: number; all: ReadonlyMap<string, string>; changed: readonly string[] }
): readonly string[] {
  return [
    `${shown(secrets)}: ${all.size - kept} new, ${kept} kept; for the secret store, and for nobody else to read`,
    changed.length === 0 ? `${shown(file)}: nothing changes` : `${shown(file)}: ${changed.join(', ')}`,
    `public nkey of this broker, for deploy.leafs.from of the sites that it dials: ${publicKeyOf(all.get('leaf.seed') ?? '')}`
  ]
}

const bad = (detail: string): AppError => new AppError('RUN_BAD_OPTION', { detail })
