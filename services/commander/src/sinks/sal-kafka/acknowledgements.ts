import type { Catalogue } from '@meridian/catalogue'
import type { AppError } from '@meridian/errors'
import { decodeFields } from '@meridian/msgpack'
import { readExecReply } from '@meridian/protocol/commands'
import {
  createLogReader,
  createMessageReader,
  FRAME_BYTES,
  type LogReader,
  type LogRecord,
  type MessageReader,
  parseKafkaTopic,
  type Registry,
  type SalAccess,
  schemaIdOf,
  type TakenPartition,
  tryUntilDone
} from '@meridian/sal'
import { stageOf } from '../../records.ts'
import type { SinkHandlers } from '../sink.ts'
import { commandOfIdentity } from './command-identity.ts'

/** From which Kafka, and from when on, acknowledgements are read, and who is told of them. */
export interface AcknowledgementsOptions {
  readonly access: SalAccess
  readonly registry: Pick<Registry, 'schemaOf'>
  readonly catalogue: Catalogue
  /** What was said since then is read, UTC, ms: answers to commands that are open. */
  readonly sinceMs: number
  readonly handlers: SinkHandlers
  readonly stopping: AbortSignal
}

/**
 * A reader of all acknowledgements that components give. Those to commands of other clients are left aside. While the
 * registry is away it waits: an acknowledgement is not left out for that.
 */
export function createAcknowledgements(options: AcknowledgementsOptions): LogReader {
  const { access, handlers, sinceMs } = options
  const readers = new Map<string, MessageReader>()
  const reader = createLogReader({
    access: access.kafka,
    wants: topic => isAckTopic(topic, access.subname),
    async begin(found) {
      const since = await reader.offsetsSince(
        found.map(({ topic }) => topic),
        sinceMs
      )
      return found.map(partition => since(partition) ?? partition.end)
    },
    async take(taken) {
      for (const part of taken) await takePart(part, options, readers)
    },
    lost: ({ topic }, from, to) =>
      handlers.onFailure(
        'SAL_KAFKA',
        `${to - from} acknowledgements of ${topic} were dropped before they were read`
      ),
    failed: ({ code, message }) => handlers.onFailure(code, message)
  })
  return reader
}

/** Of a component: what else is named so may stand beside it on the same Kafka. */
function isAckTopic(topic: string, subname: string): boolean {
  const [root, name, csc, salName, ...rest] = topic.split('.')
  return root === 'lsst' && name === subname && csc !== '' && salName === 'ackcmd' && rest.length === 0
}

async function takePart(
  { topic, records }: TakenPartition,
  options: AcknowledgementsOptions,
  readers: Map<string, MessageReader>
): Promise<void> {
  const { csc } = parseKafkaTopic(topic)
  for (const record of records)
    try {
      if (record.value === null) continue
      const read = await readerOf(csc, schemaIdOf(record.value), options, readers)
      tell(read(record.value, FRAME_BYTES), options.handlers)
    } catch (err) {
      if (options.stopping.aborted) return
      options.handlers.onBadReply(err, factsOf(topic, record))
    }
}

const factsOf = (topic: string, { offset, value }: LogRecord) => ({
  topic,
  offset: String(offset),
  bytes: value?.length ?? 0
})

async function readerOf(
  csc: string,
  schemaId: number,
  { registry, catalogue, handlers, stopping }: AcknowledgementsOptions,
  readers: Map<string, MessageReader>
): Promise<MessageReader> {
  const name = `${csc} ${schemaId}`
  const known = readers.get(name)
  if (known !== undefined) return known
  const failed = ({ code, message }: AppError): void => handlers.onFailure(code, message)
  const schema = await tryUntilDone(() => registry.schemaOf(schemaId), { stopping, failed })
  const reader = createMessageReader(schema, { specs: catalogue.component(csc)?.ackcmd.fields ?? [] })
  readers.set(name, reader)
  return reader
}

function tell({ fields }: ReturnType<MessageReader>, { onStage }: SinkHandlers): void {
  const { identity, ...reply } = decodeFields(fields)
  const id = typeof identity === 'string' ? commandOfIdentity(identity) : undefined
  if (id !== undefined) onStage(id, stageOf(readExecReply(reply)))
}
