import {
  assertReplaceable,
  type Broker,
  type RestoredStream,
  restoreStream,
  streamState
} from '@meridian/broker'
import { AppError } from '@meridian/errors'
import type { BackupManifest } from './backup-format.ts'
import { readBackup, readParts } from './read-backup.ts'

/** What a restore may do, and who hears how it goes. */
export interface RestoreChoice {
  readonly folder: string
  /** Servers that keep each message; default: as many as before. */
  readonly replicas: 1 | 3 | undefined
  /** Whether streams that exist are deleted first. */
  readonly mayReplace: boolean
  /** Ends it; the stream on the way is then deleted again. */
  readonly signal: AbortSignal
  /** The backup is whole. */
  onWhole(manifest: BackupManifest): void
  onStream(restored: RestoredStream): void
  onProgress(stream: string, bytes: number): void
}

/**
 * Makes the streams of a backup again. Nothing is touched before the whole backup has proved to be undamaged,
 * and none of its streams to exist or, with `mayReplace`, the broker to take them in the place of those that
 * do. Throws RUN_BAD_BACKUP, BRK_STREAM_EXISTS, BRK_NO_ROOM, RUN_ENDED, and what `restoreStream` throws.
 */
export async function restoreBackup(broker: Broker, choice: RestoreChoice): Promise<void> {
  const { folder, replicas, mayReplace, signal, onProgress } = choice
  const manifest = await readBackup(folder)
  choice.onWhole(manifest)
  if (mayReplace) await assertReplaceable(broker, manifest.streams, replicas)
  else await assertNoneExists(broker, manifest)
  for (const facts of manifest.streams) {
    if (signal.aborted) fail(signal.reason, facts.name, signal)
    const parts = counted(readParts(folder, facts.name, signal), bytes => onProgress(facts.name, bytes))
    const restored = restoreStream(broker, facts, parts, { replicas, mayReplace })
    choice.onStream(await restored.catch(error => fail(error, facts.name, signal)))
  }
}

function fail(error: unknown, stream: string, signal: AbortSignal): never {
  if (!signal.aborted) throw error
  throw new AppError('RUN_ENDED', {
    cause: error,
    detail: `${stream} and what comes behind it is not restored`
  })
}

async function* counted(
  parts: AsyncIterable<Uint8Array>,
  tell: (bytes: number) => void
): AsyncIterable<Uint8Array> {
  let bytes = 0
  for await (const part of parts) {
    yield part
    bytes += part.length
    tell(bytes)
  }
}

async function assertNoneExists(broker: Broker, { streams }: BackupManifest): Promise<void> {
  const present: string[] = []
  for (const { name } of streams) if (await exists(broker, name)) present.push(name)
  if (present.length > 0)
    throw new AppError('BRK_STREAM_EXISTS', { detail: `${present.join(', ')}; --replace deletes them first` })
}

async function exists(broker: Broker, stream: string): Promise<boolean> {
  try {
    await streamState(broker, stream)
    return true
  } catch (error) {
    if (error instanceof AppError && error.code === 'BRK_NO_STREAM') return false
    throw error
  }
}
