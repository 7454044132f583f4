import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { publicKeyOf } from '@meridian/broker'
import { loadCatalogue, readSite, type Site, type SiteDeploy } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import { type ProcessKind, processKinds } from '@meridian/subjects'
import { parse } from 'yaml'
import { readText } from '../read-text.ts'
import { writePrivateFile } from '../start/private-files.ts'
import { removeFromYaml, setInYaml, type YamlPath } from './edit-yaml.ts'
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
 * Makes what is missing of the secrets of a site, a seed for each kind of process and for the broker itself
 * and the admin's word, and writes the public halves into its site file, of which every other letter stays.
 * What is there is kept unless it is told to be renewed. Throws RUN_BAD_OPTION for a kind that is none and
 * for a site file that is not there, and RUN_BAD_FILE, with nothing written, for a file of secrets that is
 * none and for a site file that cannot take the keys.
 */
export function makeSiteKeys(overlays: string, asked: KeysAsked): Outcome {
  const file = siteFileOf(overlays, asked.name)
  if (!existsSync(file)) throw bad(`${shown(file)} is not there`)
  const read = createReader(asked.name)
  let site: Site
  try {
    site = read(file)
  } catch (caught) {
    return { lines: faultLines(caught), isGood: false }
  }
  const secrets = asked.to ?? join(overlays, asked.name, 'keys.env')
  const { kept, all } = newKeys(existsSync(secrets) ? readText(secrets) : '', kindsOf(asked.renew))
  const change = changeOf(site.deploy, publicKeysOf(all, secrets), asked)
  const text = changedText(file, change, read)
  // First the secrets: a public half without a seed would shut a process out.
  writePrivateFile(secrets, textOfKeys(all))
  if (change.told.length > 0) writeFileSync(file, text)
  return { lines: linesOf(file, secrets, { kept, all, changed: change.told }), isGood: true }
}

/** Reads a file as that of the overlay of a place. */
function createReader(place: string): (file: string) => Site {
  const catalogue = loadCatalogue()
  return file => readSite(file, catalogue, overlayFaults(catalogue, place))
}

/** The public half of each kind's seed. Throws RUN_BAD_FILE where the file holds one that is none. */
function publicKeysOf(secrets: ReadonlyMap<string, string>, file: string): ReadonlyMap<string, string> {
  const publicKey = (name: string): string => {
    try {
      return publicKeyOf(secrets.get(`${name}.seed`) ?? '')
    } catch {
      throw badFile(`${shown(file)}: ${name}.seed is no seed; without its line a new one is made`)
    }
  }
  return new Map([...processKinds, 'leaf'].map(name => [name, publicKey(name)] as const))
}

function kindsOf(names: readonly string[]): readonly ProcessKind[] {
  const unknown = names.find(name => !processKinds.some(kind => kind === name))
  if (unknown !== undefined) throw bad(`--renew ${unknown}: one of ${processKinds.join(', ')} is expected`)
  return names as readonly ProcessKind[]
}

/** What a site file has of keys, and what is told of the change. */
interface KeyChange extends Pick<SiteDeploy, 'nkeys' | 'oldNkeys'> {
  readonly isForgotten: boolean
  /** Where each key that is new there stands. */
  readonly written: readonly (readonly [path: YamlPath, key: string])[]
  readonly told: readonly string[]
}

function changeOf(
  { nkeys, oldNkeys }: SiteDeploy,
  keys: ReadonlyMap<string, string>,
  { renew, forget }: KeysAsked
): KeyChange {
  assertForgotten(forget ? {} : oldNkeys, renew)
  const changed = processKinds.filter(kind => nkeys[kind] !== keys.get(kind))
  const now = changed.map(kind => [kind, keys.get(kind) ?? ''] as const)
  const old = changed.flatMap(kind => {
    const key = nkeys[kind]
    return renew.includes(kind) && key !== undefined ? [[kind, key] as const] : []
  })
  return {
    nkeys: { ...nkeys, ...Object.fromEntries(now) },
    oldNkeys: { ...(forget ? {} : oldNkeys), ...Object.fromEntries(old) },
    isForgotten: forget,
    written: [
      ...old.map(([kind, key]) => [['deploy', 'oldNkeys', kind], key] as const),
      ...now.map(([kind, key]) => [['deploy', 'nkeys', kind], key] as const)
    ],
    told: forget ? [...changed, 'old keys'] : changed
  }
}

/** A key holds beside one older one: a third would shut out who still has the first. */
function assertForgotten(oldNkeys: SiteDeploy['oldNkeys'], renew: readonly string[]): void {
  const twice = renew.filter(kind => Object.hasOwn(oldNkeys, kind))
  if (twice.length > 0)
    throw bad(
      `--renew ${twice.join(',')}: an older key still holds; once every process has its new seed, --forget first`
    )
}

/**
 * The text of the site file with the keys, all else as it stands there. Throws RUN_BAD_FILE where that would
 * not be read as it is meant, as where an anchor has the keys say something elsewhere too.
 */
function changedText(file: string, change: KeyChange, read: (file: string) => Site): string {
  const before = readFileSync(file, 'utf8')
  const left = change.isForgotten ? removeFromYaml(before, ['deploy', 'oldNkeys']) : before
  const text = change.written.reduce((edited, [path, key]) => setInYaml(edited, path, key), left)
  const draft = `${file}.${process.pid}.draft`
  writeFileSync(draft, text)
  try {
    const { nkeys, oldNkeys } = read(draft).deploy
    if (!isDeepStrictEqual([nkeys, oldNkeys], [change.nkeys, change.oldNkeys])) throw new Error('other keys')
    if (!isDeepStrictEqual(sectionsBesides(text), sectionsBesides(before))) throw new Error('other sections')
    return text
  } catch (cause) {
    throw badFile(`${shown(file)}: the keys cannot be written beside its anchors and aliases`, cause)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** What a site file says but of keys. */
function sectionsBesides(text: string): unknown {
  const { deploy, ...others } = parse(text) as { deploy: Partial<SiteDeploy> }
  return { ...others, deploy: { ...deploy, nkeys: undefined, oldNkeys: undefined } }
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
const badFile = (detail: string, cause?: unknown): AppError => new AppError('RUN_BAD_FILE', { detail, cause })
