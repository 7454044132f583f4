/**
 * The last release, kept in the repository: the other half of tests with mixed versions. Of its tarball stay the bundles
 * that speak with those of another version, and the SDK for Node, without maps and types; compressed it is below 1 MB.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, brotliDecompress, constants } from 'node:zlib'
import { AppError } from '@meridian/errors'
import { packFolder } from '../images/pack.ts'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'
import { SDK } from './assemble-release.ts'

/** Which release is kept. */
export interface KeptRelease {
  readonly version: string
  /** Commit that it was made from. */
  readonly revision: string
  /** Of its archive, beside which this stands. */
  readonly sha256: string
}

/** Where it lies, and how its two files are called. */
export const KEPT = join(root, 'scripts/release/kept')
const ARCHIVE = 'last-release.tar.br'
const FACTS = 'last-release.json'

/** What of a release's tarball is kept, with the licences of what stands in it. */
const ENTRIES = [
  ...['LICENSE', 'release.env', 'scripts/dist', SDK],
  ...['api', 'commander', 'gateway', 'producer'].map(name => `services/${name}/dist`)
]
/** What of these nothing reads that runs. */
const NOT_RUN = new RegExp(`^${SDK}/page$|\\.map$|\\.d\\.ts$`)

const compress = promisify(brotliCompress)
const decompress = promisify(brotliDecompress)
/** Half of the bundles stands in each of the others: the window must reach from one to the next. */
const SMALLEST = {
  [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS
}

/**
 * Puts a release in the place of the one that was kept before; `release` is its folder, as `makeRelease` has written it.
 * Rejects with RUN_BAD_FILE where its tarball is missing, not what its SHA256SUMS say, or of no commit; then the kept one
 * stays.
 */
export async function keepRelease(release: string, kept = KEPT): Promise<KeptRelease> {
  const work = mkdtempSync(join(tmpdir(), 'meridian-kept-'))
  try {
    const tarball = tarballOf(release)
    await runTool('tar', ['-xzf', tarball, '-C', work, '--strip-components=1'])
    const { VERSION = '', REVISION = '' } = settingsIn(readFileSync(join(work, 'release.env'), 'utf8'))
    if (!/^[0-9a-f]{40}$/.test(REVISION))
      throw badFile(`${tarball} is made of '${REVISION}', which is no commit`)
    removeNotRun(work)
    const file = join(work, 'kept.tar')
    await packFolder(work, file, ENTRIES)
    const archive = await compress(readFileSync(file), { params: SMALLEST })
    const facts = { version: VERSION, revision: REVISION, sha256: sumOf(archive) }
    mkdirSync(kept, { recursive: true })
    writeFileSync(join(kept, ARCHIVE), archive)
    writeFileSync(join(kept, FACTS), `${JSON.stringify(facts, null, 2)}\n`)
    return facts
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/**
 * Unpacks the kept release into a folder that is there: its files lie as in the repository and the release, the SDK in
 * `sdk`. Rejects with RUN_BAD_FILE where it is not whole.
 */
export async function unpackKept(into: string, kept = KEPT): Promise<KeptRelease> {
  const facts = JSON.parse(readFileSync(join(kept, FACTS), 'utf8')) as KeptRelease
  const archive = readFileSync(join(kept, ARCHIVE))
  if (sumOf(archive) !== facts.sha256) throw badFile(`${join(kept, ARCHIVE)} is not what ${FACTS} says`)
  const file = join(into, 'kept.tar')
  writeFileSync(file, await decompress(archive))
  await runTool('tar', ['-xf', file, '-C', into])
  rmSync(file)
  return facts
}

/** The path of a release's tarball, which is whole. */
function tarballOf(release: string): string {
  const sums = readText(join(release, 'SHA256SUMS'))
  const [, sum, name] = /^([0-9a-f]{64}) {2}(meridian-[^/\s]+\.tar\.gz)$/m.exec(sums) ?? []
  if (name === undefined) throw badFile(`${release}: its SHA256SUMS name no tarball`)
  const path = join(release, name)
  if (sumOf(readBytes(path)) !== sum) throw badFile(`${path} is not what SHA256SUMS say`)
  return path
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (cause) {
    throw new AppError('RUN_BAD_FILE', {
      cause,
      detail: `${path}: make the release first, with pnpm release`
    })
  }
}

const readText = (path: string): string => readBytes(path).toString()
const sumOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
const badFile = (detail: string): AppError => new AppError('RUN_BAD_FILE', { detail })

/** The lines `NAME=value` of a file. */
const settingsIn = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]))

function removeNotRun(folder: string): void {
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (NOT_RUN.test(path)) rmSync(join(folder, path), { recursive: true, force: true })
}
