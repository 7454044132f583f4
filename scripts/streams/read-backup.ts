import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import Value from 'typebox/value'
import { type BackupManifest, MANIFEST, manifestSchema, SUMS, snapshotFileOf } from './backup-format.ts'

/** As large as the parts of a restore may be, whatever the broker's `max_payload` is above 128 KiB. */
const PART_BYTES = 128 * 1024
const SUM_LINE = /^([\da-f]{64}) {2}([A-Za-z][\w.]*)$/

/**
 * Reads what a backup says of itself, once every file of it has proved to be whole. Throws RUN_BAD_BACKUP, which
 * names the file and the cause.
 */
export async function readBackup(folder: string): Promise<BackupManifest> {
  const sums = readSums(folder)
  for (const [name, sum] of sums) await assertWhole(folder, name, sum)
  const assertNamed = (file: string): void => {
    if (!sums.has(file)) throw bad(folder, `${SUMS} does not name ${file}`)
  }
  assertNamed(MANIFEST)
  const manifest = readManifest(folder)
  const names = manifest.streams.map(({ name }) => name)
  for (const name of names) assertNamed(snapshotFileOf(name))
  const twice = names.find((name, at) => names.indexOf(name) < at)
  if (twice !== undefined) throw bad(folder, `${MANIFEST} names ${twice} twice`)
  return manifest
}

/** The snapshot of a stream in parts; throws an AbortError where `signal` says so. */
export const readParts = (folder: string, stream: string, signal: AbortSignal): AsyncIterable<Uint8Array> =>
  createReadStream(join(folder, snapshotFileOf(stream)), { highWaterMark: PART_BYTES, signal })

function readSums(folder: string): ReadonlyMap<string, string> {
  if (kindOf(folder) === 'nothing') throw bad(folder, 'it is not there')
  const file = join(folder, SUMS)
  const kind = kindOf(file)
  if (kind !== 'file')
    throw bad(folder, kind === 'nothing' ? `it has no ${SUMS}: it is no backup` : `${SUMS} is no file`)
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  return new Map(
    lines.map(line => {
      const [, sum, name] = SUM_LINE.exec(line) ?? []
      if (sum === undefined || name === undefined) throw bad(folder, `${SUMS} was altered`)
      return [name, sum]
    })
  )
}

async function assertWhole(folder: string, name: string, expected: string): Promise<void> {
  const file = join(folder, name)
  const kind = kindOf(file)
  if (kind !== 'file') throw bad(folder, kind === 'nothing' ? `${name} is missing` : `${name} is no file`)
  const hash = createHash('sha256')
  for await (const part of createReadStream(file)) hash.update(part)
  if (hash.digest('hex') !== expected) throw bad(folder, `${name} is truncated or was altered`)
}

function kindOf(path: string): 'file' | 'other' | 'nothing' {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 'nothing'
  return stats.isFile() ? 'file' : 'other'
}

function readManifest(folder: string): BackupManifest {
  const manifest: unknown = parse(readFileSync(join(folder, MANIFEST), 'utf8'))
  if (Value.Check(manifestSchema, manifest)) return manifest
  throw bad(folder, `${MANIFEST} is not as this version writes it`)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const bad = (folder: string, cause: string): AppError =>
  new AppError('RUN_BAD_BACKUP', { detail: `${folder}: ${cause}` })
