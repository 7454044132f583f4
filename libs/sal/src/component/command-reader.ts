import { AppError } from '@meridian/errors'
import { decodeFields, type Fields } from '@meridian/msgpack'
import { createMessageReader } from '../avro/message-reader.ts'
import { FRAME_BYTES, schemaIdOf } from '../frame.ts'
import { createLogReader, type LogReader } from '../log/log-reader.ts'
import type { Registry } from '../registry/registry.ts'
import type { SalAccess } from '../settings.ts'
import { parseKafkaTopic } from '../topic-name.ts'

/** A command as a component reads it. */
export interface SalCommand {
  readonly csc: string
  readonly command: string
  readonly index: number
  readonly seqNum: number
  readonly origin: number
  readonly identity: string
  /** Its parameters by name. */
  readonly fields: Fields
}

/** What a component acknowledges [docs/sal.md#commands]. */
export interface SalReply {
  readonly ack: number
  readonly error?: number
  readonly result?: string
  /** Seconds that remain, of CMD_INPROGRESS. */
  readonly timeout?: number
}

/** The public fields of an acknowledgement: whose command it answers, and what. */
export const ackFieldsOf = ({ seqNum, identity, origin }: SalCommand, reply: SalReply): Fields => ({
  private_seqNum: seqNum,
  ...{ identity, origin, ...reply }
})

/**
 * Reads the value of a record of a topic of commands. Rejects with SAL_BAD_MESSAGE, SAL_NO_SCHEMA, SAL_BAD_SCHEMA or
 * SAL_REGISTRY.
 */
export async function readCommand(
  topic: string,
  value: Uint8Array | null,
  registry: Pick<Registry, 'schemaOf'>
): Promise<SalCommand> {
  if (value === null) throw new AppError('SAL_BAD_MESSAGE', { detail: 'a command without a value' })
  const read = createMessageReader(await registry.schemaOf(schemaIdOf(value)), { specs: [] })
  const { salIndex: index, seqNum, origin, identity, fields } = read(value, FRAME_BYTES)
  if (seqNum <= 0) throw new AppError('SAL_BAD_MESSAGE', { detail: `a command with number ${seqNum}` })
  const { csc, name: command } = parseKafkaTopic(topic)
  return { csc, command, index, seqNum, origin, identity, fields: decodeFields(fields) }
}

/** Whose commands are read, and who is told. */
export interface CommandReaderOptions {
  readonly access: Pick<SalAccess, 'kafka' | 'subname'>
  readonly registry: Pick<Registry, 'schemaOf'>
  /** Whether commands to a component are read. */
  readonly isOurs: (csc: string) => boolean
  readonly onCommand: (command: SalCommand) => void
  /** Told of a record that is no command; a real component reads no further behind one [docs/sal.md#commands]. */
  readonly onBad: (error: AppError, topic: string) => void
  /** Told what went wrong, before it is tried again. */
  readonly failed: (error: AppError) => void
}

/** Reads the commands that are sent from now on, as components do. Nothing is opened yet. */
export function createCommandReader(options: CommandReaderOptions): LogReader {
  const { access, registry, isOurs, onCommand, onBad, failed } = options
  const takeOne = async (topic: string, value: Uint8Array | null): Promise<void> => {
    const command = await readCommand(topic, value, registry).catch((error: unknown) =>
      onBad(AppError.from(error), topic)
    )
    if (command !== undefined) onCommand(command)
  }
  let hasBegun = false
  return createLogReader({
    access: access.kafka,
    wants: topic => isCommandTopic(topic, access.subname, isOurs),
    async begin(found) {
      // What is made later, or made anew, holds nothing of before.
      const positions = found.map(({ earliest, end }) => (hasBegun ? earliest : end))
      hasBegun = true
      return positions
    },
    async take(taken) {
      for (const { topic, records } of taken) for (const { value } of records) await takeOne(topic, value)
    },
    lost: () => undefined,
    failed
  })
}

function isCommandTopic(topic: string, subname: string, isOurs: (csc: string) => boolean): boolean {
  const [, name, csc = '', salName = ''] = topic.split('.')
  return name === subname && salName.startsWith('command_') && isOurs(csc)
}
