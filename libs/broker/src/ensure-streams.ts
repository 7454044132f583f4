import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { StreamInfo } from '@nats-io/jetstream'
import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import { isStoreBusy } from './broker-error.ts'
import { askJetStream } from './jetstream.ts'
import { type MoveProgress, moveSubjects } from './move-subjects.ts'
import { isServerSince, warnOfOldServer } from './server-version.ts'
import { configOf, differs, refuseShrink, type WantedConfig } from './stream-config.ts'
import { epochOf, streamInfo } from './stream-info.ts'
import type { StreamOrigin, StreamSpec } from './stream-table.ts'
import { STORE_BUSY_RETRY_MS, STREAM_CHANGE_TIMEOUT_MS } from './timing.ts'

/** What was done to one stream. */
export interface EnsuredStream {
  readonly name: string
  /** remade: a mirror whose origin has become another log was deleted and made again. */
  readonly outcome: 'created' | 'updated' | 'remade' | 'unchanged'
  /** Subjects that an earlier version kept here and that were moved to another stream. */
  readonly moved: number
}

/** What an update may do, and who hears of its progress. */
export interface EnsureOptions {
  /** Whether limits may become smaller although stored messages go; default: no. */
  readonly mayShrink?: boolean
  /** Told while subjects are moved, which may take seconds. */
  readonly onProgress?: (progress: MoveProgress) => void
}

const STORE_BUSY_TRIES = 20
const METADATA_SINCE = [2, 10] as const
/** An older server refuses a request that names them. */
const BATCHES_SINCE = [2, 14] as const
const PATIENT = { timeoutMs: STREAM_CHANGE_TIMEOUT_MS }

/**
 * Creates the streams that are missing, updates those that differ, then takes over what an earlier version
 * stored under other names. Idempotent; killed at any point and run again it loses no last value. The epoch
 * of a stream that exists stays; a mirror takes that of its origin, and is made again when that has changed.
 * Warns of a server that is older than production needs. Throws BRK_STREAM_SHRINK where an update could drop
 * stored messages, unless `mayShrink`.
 */
export async function ensureStreams(
  broker: Broker,
  specs: readonly StreamSpec[],
  log: Logger,
  { mayShrink = false, onProgress }: EnsureOptions = {}
): Promise<readonly EnsuredStream[]> {
  warnOfOldServer(broker, log)
  const outcomes = new Map<string, EnsuredStream['outcome']>()
  for (const spec of specs) {
    const outcome = await ensureStream(broker, spec, mayShrink)
    if (outcome !== 'unchanged') log.info({ stream: spec.name, outcome }, 'stream ensured')
    outcomes.set(spec.name, outcome)
  }
  const done: EnsuredStream[] = []
  for (const { name, movedAway } of specs) {
    const outcome = outcomes.get(name) ?? 'unchanged'
    const isOld = outcome !== 'created' && movedAway !== undefined
    const moved = isOld
      ? await moveSubjects(broker, { ...movedAway, from: name, log, onProgress })
      : undefined
    done.push({ name, outcome, moved: moved?.moved ?? 0 })
  }
  return done
}

async function ensureStream(
  broker: Broker,
  spec: StreamSpec,
  mayShrink: boolean
): Promise<EnsuredStream['outcome']> {
  const wanted = configOf(spec, isServerSince(broker, BATCHES_SINCE))
  const origin = spec.mirrorOf === undefined ? undefined : await epochOfOrigin(broker, spec.mirrorOf)
  const present = await presentStream(broker, spec.name)
  if (present === undefined) {
    await createStream(broker, wanted, origin ?? randomUUID())
    return 'created'
  }
  const { epoch } = present.config.metadata ?? {}
  if (origin !== undefined && origin !== epoch) {
    assertMirror(present)
    await remakeMirror(broker, wanted, origin)
    return 'remade'
  }
  if (epoch !== undefined && !differs(wanted, present.config)) return 'unchanged'
  if (!mayShrink) refuseShrink(wanted, present)
  const metadata = { ...present.config.metadata, epoch: epoch ?? randomUUID() }
  await askJetStream(
    broker,
    manager => manager.streams.update(spec.name, { ...wanted, ...metadataOf(broker, metadata) }),
    PATIENT
  )
  return 'updated'
}

async function epochOfOrigin(broker: Broker, { stream, domain }: StreamOrigin): Promise<string> {
  const where = domain === undefined ? {} : { domain }
  return epochOf(await streamInfo(broker, stream, { ...PATIENT, ...where }))
}

// Made by somebody else under the name that a mirror should have: it is not ours to delete.
function assertMirror({ config }: StreamInfo): void {
  if (config.mirror === undefined)
    throw new AppError('BRK_REFUSED', {
      detail: `${config.name} exists and is not a mirror`,
      stream: config.name
    })
}

// A mirror whose origin was made anew keeps the old messages and adds the new ones behind them, without an
// error: only a new mirror is right.
async function remakeMirror(broker: Broker, config: WantedConfig, epoch: string): Promise<void> {
  await askJetStream(broker, manager => manager.streams.delete(config.name), PATIENT)
  await createStream(broker, config, epoch)
}

async function presentStream(broker: Broker, name: string): Promise<StreamInfo | undefined> {
  try {
    return await streamInfo(broker, name, PATIENT)
  } catch (error) {
    if (error instanceof AppError && error.code === 'BRK_NO_STREAM') return undefined
    throw error
  }
}

async function createStream(broker: Broker, config: WantedConfig, epoch: string): Promise<void> {
  const wanted = { ...config, ...metadataOf(broker, { epoch }) }
  for (let attempt = 1; ; attempt++) {
    try {
      await askJetStream(broker, manager => manager.streams.add(wanted), PATIENT)
      return
    } catch (error) {
      if (!isStoreBusy(error) || attempt === STORE_BUSY_TRIES) throw error
      await sleep(STORE_BUSY_RETRY_MS)
    }
  }
}

// The library refuses metadata for servers below 2.10, which may run for development: there the time of
// creation is the epoch.
const metadataOf = (
  broker: Broker,
  metadata: Readonly<Record<string, string>>
): { metadata?: Record<string, string> } => (keepsMetadata(broker) ? { metadata: { ...metadata } } : {})

/** Whether the broker keeps the metadata of a stream, in which its epoch stands. */
export const keepsMetadata = (broker: Broker): boolean => isServerSince(broker, METADATA_SINCE)
