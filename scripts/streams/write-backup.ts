import { createHash } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { type FileHandle, mkdtemp, open } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { type Broker, type SnapshotFacts, snapshotStream } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { type BackupManifest, FORMAT, MANIFEST, SUMS, snapshotFileOf } from './backup-format.ts'

/** What is backed up, and who hears how it goes. */
export interface BackupOptions {
  /** Streams by their names on the server; what does not exist is left out. */
  readonly streams: readonly string[]
  readonly folder: string
  readonly now: () => Date
  onStream(facts: SnapshotFacts): void
  onMissing(stream: string): void
  /** Called with each part of a stream: what has come of it so far. */
  onProgress(stream: string, bytes: number): void
}

type Write = (part: Uint8Array) => Promise<void>

/**
 * Writes streams into a folder that must not be there. It has another name (`….partial-…`) until all is on the disk,
 * and is removed where that fails or the process ends before. Files are for their owner alone. Throws RUN_BAD_BACKUP
 * where the folder is there, RUN_NO_ROOM, BRK_NO_STREAM where none of the streams exists, and what `snapshotStream`
 * throws.
 */
export async function writeBackup(broker: Broker, options: BackupOptions): Promise<BackupManifest> {
  const target = resolve(options.folder)
  if (existsSync(target))
    throw new AppError('RUN_BAD_BACKUP', { detail: `${options.folder} is there already` })
  const partial = await mkdtemp(join(dirname(target), `${basename(target)}.partial-`))
  const remove = (): void => rmSync(partial, { recursive: true, force: true })
  process.once('exit', remove)
  try {
    const manifest = await fill(broker, partial, options)
    renameSync(partial, target)
    await syncFolder(dirname(target))
    return manifest
  } catch (error) {
    throw isFull(error)
      ? new AppError('RUN_NO_ROOM', { cause: error, detail: `${target}: ${error.message}` })
      : error
  } finally {
    remove()
    process.off('exit', remove)
  }
}

async function fill(broker: Broker, partial: string, options: BackupOptions): Promise<BackupManifest> {
  const sums: string[] = []
  const write = async <T>(name: string, work: (write: Write) => Promise<T>): Promise<T> => {
    const { result, sum } = await writeSummed(join(partial, name), work)
    sums.push(`${sum}  ${name}\n`)
    return result
  }
  const streams: SnapshotFacts[] = []
  for (const stream of options.streams) {
    const facts = await write(snapshotFileOf(stream), part => takeStream(broker, stream, part, options))
    if (facts === undefined) {
      sums.pop()
      rmSync(join(partial, snapshotFileOf(stream)))
      options.onMissing(stream)
    } else {
      streams.push(facts)
      options.onStream(facts)
    }
  }
  if (streams.length === 0) throw new AppError('BRK_NO_STREAM', { detail: 'none of the streams is there' })
  const manifest = {
    format: FORMAT,
    made: options.now().toISOString(),
    server: broker.serverVersion,
    streams
  }
  await write(MANIFEST, part => part(Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)))
  await writeSummed(join(partial, SUMS), part => part(Buffer.from(sums.join(''))))
  await syncFolder(partial)
  return manifest
}

async function takeStream(
  broker: Broker,
  stream: string,
  write: Write,
  { onProgress }: BackupOptions
): Promise<SnapshotFacts | undefined> {
  let bytes = 0
  try {
    return await snapshotStream(broker, stream, async part => {
      await write(part)
      bytes += part.length
      onProgress(stream, bytes)
    })
  } catch (error) {
    if (error instanceof AppError && error.code === 'BRK_NO_STREAM') return undefined
    throw error
  }
}

async function writeSummed<T>(
  path: string,
  work: (write: Write) => Promise<T>
): Promise<{ readonly result: T; readonly sum: string }> {
  const hash = createHash('sha256')
  const file = await open(path, 'wx', 0o600)
  try {
    const result = await work(async part => {
      hash.update(part)
      await writeWhole(file, part)
    })
    await file.sync()
    return { result, sum: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

// One write may take less than it is given.
async function writeWhole(file: FileHandle, part: Uint8Array): Promise<void> {
  for (let at = 0; at < part.length; ) at += (await file.write(part, at)).bytesWritten
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG']

const isFull = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && FULL.includes(String(error.code))
