import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import type { Logger } from 'pino'
import type { Broker } from './broker.ts'
import { API_ERROR, askJetStream, isApiError } from './jetstream-api.ts'
import type { StreamConfig, StreamInfo } from './jetstream-types.ts'
import type { StreamSpec } from './stream-table.ts'

/** What was done to one stream. */
export interface EnsuredStream {
  readonly name: string
  readonly outcome: 'created' | 'updated' | 'unchanged'
}

const TIMEOUT_MS = 10_000
const NANOSECONDS = 1_000_000
const STORE_BUSY_TRIES = 20

/**
 * Creates the streams that are missing and updates those that differ. The epoch of a stream that exists stays. Throws BRK_STREAM_SHRINK
 * where an update could drop stored messages, unless `mayShrink`.
 */
export async function ensureStreams(
  broker: Broker,
  specs: readonly StreamSpec[],
  log: Logger,
  { mayShrink = false }: { readonly mayShrink?: boolean } = {}
): Promise<readonly EnsuredStream[]> {
  const done: EnsuredStream[] = []
  for (const spec of specs) {
    const outcome = await ensureStream(broker, spec, mayShrink)
    if (outcome !== 'unchanged') log.info({ stream: spec.name, outcome }, 'stream ensured')
    done.push({ name: spec.name, outcome })
  }
  return done
}

async function ensureStream(
  broker: Broker,
  spec: StreamSpec,
  mayShrink: boolean
): Promise<EnsuredStream['outcome']> {
  const wanted = configOf(spec)
  const present = await presentStream(broker, spec.name)
  if (present === undefined) {
    await createStream(broker, { ...wanted, metadata: { epoch: randomUUID() } })
    return 'created'
  }
  const different = differing(wanted, present.config)
  const { epoch } = present.config.metadata ?? {}
  if (different.length === 0 && epoch !== undefined) return 'unchanged'
  if (!mayShrink) refuseShrink(wanted, present)
  const metadata = { ...present.config.metadata, epoch: epoch ?? randomUUID() }
  await askJetStream(
    broker,
    `STREAM.UPDATE.${spec.name}`,
    { ...present.config, ...wanted, metadata },
    TIMEOUT_MS
  )
  return 'updated'
}

async function presentStream(broker: Broker, name: string): Promise<StreamInfo | undefined> {
  try {
    return await askJetStream<StreamInfo>(broker, `STREAM.INFO.${name}`, undefined, TIMEOUT_MS)
  } catch (error) {
    if (isApiError(error, API_ERROR.streamNotFound)) return undefined
    throw error
  }
}

// A server that has just deleted the account's only file stream may refuse the next one for some milliseconds [docs/nats.md#creating-streams].
async function createStream(broker: Broker, config: StreamConfig): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await askJetStream(broker, `STREAM.CREATE.${config.name}`, config, TIMEOUT_MS)
      return
    } catch (error) {
      if (!isApiError(error, API_ERROR.storeBusy) || attempt === STORE_BUSY_TRIES) throw error
      await sleep(5)
    }
  }
}

function configOf(spec: StreamSpec): StreamConfig {
  return {
    name: spec.name,
    description: spec.description,
    subjects: spec.subjects,
    retention: spec.kind === 'queue' ? 'workqueue' : 'limits',
    storage: 'file',
    num_replicas: spec.replicas,
    discard: spec.whenFull === 'refuse' ? 'new' : 'old',
    max_bytes: spec.maxBytes,
    max_age: spec.maxAgeMs * NANOSECONDS,
    max_msgs_per_subject: spec.maxPerSubject === 0 ? -1 : spec.maxPerSubject,
    duplicate_window: spec.duplicateWindowMs * NANOSECONDS,
    allow_direct: true
  }
}

const differing = (wanted: StreamConfig, present: StreamConfig): readonly string[] =>
  Object.keys(wanted).filter(field => JSON.stringify(wanted[field]) !== JSON.stringify(present[field]))

// Only what messages would be lost by: limits below what is stored, ages and counts that become smaller, subjects that go.
function refuseShrink(wanted: StreamConfig, { config, state }: StreamInfo): void {
  if (state.messages === 0) return
  const smaller = (field: 'max_age' | 'max_msgs_per_subject'): boolean =>
    limitOf(wanted[field]) < limitOf(config[field])
  const shrinking = [
    limitOf(wanted.max_bytes) < state.bytes ? 'max_bytes' : undefined,
    smaller('max_age') ? 'max_age' : undefined,
    smaller('max_msgs_per_subject') ? 'max_msgs_per_subject' : undefined,
    config.subjects?.every(subject => wanted.subjects?.includes(subject)) === false ? 'subjects' : undefined
  ].filter(field => field !== undefined)
  if (shrinking.length === 0) return
  const detail = `${config.name} holds ${state.messages} messages; smaller: ${shrinking.join(', ')}`
  throw new AppError('BRK_STREAM_SHRINK', { detail, stream: config.name, fields: shrinking })
}

const limitOf = (value: number | undefined): number =>
  value === undefined || value <= 0 ? Number.POSITIVE_INFINITY : value
