import { randomInt } from 'node:crypto'
import type { Catalogue, Topic } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
import type { Fields } from '@meridian/msgpack'
import type { IntakeRecord } from '@meridian/protocol/commands'
import {
  type AvroSchema,
  createMessageReader,
  FRAME_BYTES,
  frameOf,
  kafkaTopicOf,
  type Registry,
  registrySubjectOf,
  type SalTopic,
  schemaIdOf
} from '@meridian/sal'
import { createMessageWriter, type MessageWriter, type WrittenRecord } from '@meridian/sal/writing'
import type { Clock } from '@meridian/time'
import { identityOf } from './command-identity.ts'

/** Makes the records of commands. */
export interface CommandRecords {
  /**
   * The record of a command, by the newest schema that the registry has of it. Rejects with SAL_NO_SCHEMA where no
   * component has registered one, SAL_BAD_MESSAGE where a parameter does not fit it, SAL_REGISTRY.
   */
  of(intake: IntakeRecord): Promise<WrittenRecord>
}

/** The registry, what can be commanded, and the second part of topics. */
export interface CommandRecordsOptions {
  readonly registry: Pick<Registry, 'latestOf'>
  readonly catalogue: Catalogue
  readonly subname: string
  readonly clock: Pick<Clock, 'nowMs' | 'taiSeconds'>
}

interface CommandSchema {
  readonly id: number
  readonly schema: AvroSchema
  readonly write: MessageWriter
  readonly askedMs: number
}

/** A component that starts anew may register another schema; the old one remains good for it. */
const SCHEMA_FOR_MS = 60_000
const MAX_SEQ_NUM = 0x7fffffff

/** Makes one, with an origin and numbers of its own. */
export function createCommandRecords(options: CommandRecordsOptions): CommandRecords {
  const { registry, catalogue, subname, clock } = options
  const origin = randomInt(1, MAX_SEQ_NUM)
  const schemas = new Map<string, CommandSchema>()
  let seqNum = randomInt(1, MAX_SEQ_NUM)

  const schemaOf = async (topic: SalTopic): Promise<CommandSchema> => {
    const subject = registrySubjectOf(topic)
    const known = schemas.get(subject)
    if (known !== undefined && clock.nowMs() - known.askedMs < SCHEMA_FOR_MS) return known
    const { id, schema, text } = await registry.latestOf(subject)
    const made = { id, schema, write: createMessageWriter(text), askedMs: clock.nowMs() }
    schemas.set(subject, made)
    return made
  }

  const privateFields = (intake: IntakeRecord, schema: AvroSchema): Fields => {
    const now = clock.taiSeconds()
    // A number of 0 ends the reading of a component for good.
    seqNum = (seqNum % MAX_SEQ_NUM) + 1
    const fields = {
      salIndex: intake.index,
      private_sndStamp: now,
      // The reader's own; a schema need not have a default for it.
      private_rcvStamp: 0,
      private_kafkaStamp: now,
      private_efdStamp: clock.nowMs() / 1000,
      private_seqNum: seqNum,
      private_origin: origin,
      private_identity: identityOf(intake.identity ?? intake.principal, intake.id),
      private_revCode: commandTopic(catalogue, intake)?.revCode ?? ''
    }
    const names = new Set(schema.fields.map(({ name }) => name))
    return Object.fromEntries(Object.entries(fields).filter(([name]) => names.has(name)))
  }

  return {
    async of(intake) {
      const topic: SalTopic = { subname, csc: intake.csc, kind: 'command', name: intake.command }
      const { id, schema, write } = await schemaOf(topic)
      const params = paramsOf(intake, schema)
      const value = frameOf(id, write({ ...params, ...privateFields(intake, schema) }))
      assertReadable(value, schema, seqNum)
      return { topic: kafkaTopicOf(topic), key: keyOf(intake), value }
    }
  }
}

const commandTopic = (catalogue: Catalogue, { csc, command }: IntakeRecord): Topic | undefined =>
  catalogue.component(csc)?.commands.get(command)

/** As SAL's clients spell it; nobody reads it. */
const keyOf = ({ csc, index, command }: IntakeRecord): string =>
  `{ "name": "${csc}", "index": ${index}, "topic": "command_${command}" }`

/** Parameters as the schema has them. Throws SAL_BAD_MESSAGE for one that it does not have. */
function paramsOf({ params }: IntakeRecord, { fields }: AvroSchema): Fields {
  const types = new Map(fields.map(({ name, type }) => [name, type]))
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const type = types.get(name)
      if (type === undefined)
        throw new AppError('SAL_BAD_MESSAGE', { detail: `the component's schema has no parameter '${name}'` })
      // A whole number beyond 2^53 is text in the record.
      return [name, type === 'long' && typeof value === 'string' ? BigInt(value) : value]
    })
  )
}

/** A single bad record ends the reading of a component: what is written was read before. Throws SAL_BAD_MESSAGE. */
function assertReadable(value: Uint8Array, schema: AvroSchema, seqNum: number): void {
  schemaIdOf(value)
  const message = createMessageReader(schema, { specs: [] })(value, FRAME_BYTES)
  if (message.seqNum !== seqNum || seqNum <= 0)
    throw new AppError('SAL_BAD_MESSAGE', { detail: 'it has no number above 0' })
}
