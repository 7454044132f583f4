import { AppError } from '@meridian/errors'
import { type AvroSchema, parseAvroSchema } from '../avro/schema.ts'
import { createRequest, type RegistryAccess } from './request.ts'

/** A schema of the registry, and its number. */
export interface RegisteredSchema {
  readonly id: number
  readonly schema: AvroSchema
  /** As the registry has it. */
  readonly text: string
}

/** Asks a registry of schemas. What does not answer in time, or not as it must, is SAL_REGISTRY. */
export interface Registry {
  /**
   * The schema of a number. It never changes: it is asked for once. Throws SAL_NO_SCHEMA where there is none,
   * SAL_BAD_SCHEMA where it is none of SAL's; both are remembered for a minute.
   */
  schemaOf(id: number): Promise<AvroSchema>
  /** The newest schema of a subject. Throws SAL_NO_SCHEMA where it has none, SAL_BAD_SCHEMA. */
  latestOf(subject: string): Promise<RegisteredSchema>
  /** Registers a schema under a subject, and gives its number; the same text again gives the same one. */
  register(subject: string, text: string): Promise<number>
}

/** Schemas that are remembered: more than all components of an observatory have. */
const MAX_SCHEMAS = 20_000
const REFUSED_FOR_MS = 60_000

/** Whether trying again at once cannot help. */
const isFinal = (error: unknown): boolean => !AppError.from(error).entry.canRetry

/** Makes one; nothing is asked yet. */
export function createRegistry(access: RegistryAccess): Registry {
  const request = createRequest(access)
  const known = new Map<number, Promise<AvroSchema>>()

  const ask = async (id: number): Promise<AvroSchema> => {
    const answer = await request('GET', `/schemas/ids/${id}`)
    return parseAvroSchema(textOf(answer))
  }
  const forget = (id: number, error: unknown): void => {
    if (!isFinal(error)) known.delete(id)
    else setTimeout(() => known.delete(id), REFUSED_FOR_MS).unref()
  }

  return {
    schemaOf(id) {
      const before = known.get(id)
      if (before !== undefined) return before
      if (known.size >= MAX_SCHEMAS) known.delete(known.keys().next().value ?? id)
      const asked = ask(id)
      known.set(id, asked)
      asked.catch(error => forget(id, error))
      return asked
    },
    async latestOf(subject) {
      const answer = await request('GET', `/subjects/${encodeURIComponent(subject)}/versions/latest`)
      const text = textOf(answer)
      return { id: idOf(answer), schema: parseAvroSchema(text), text }
    },
    async register(subject, schema) {
      return idOf(await request('POST', `/subjects/${encodeURIComponent(subject)}/versions`, { schema }))
    }
  }
}

type Answer = Readonly<Record<string, unknown>>

function textOf({ schema }: Answer): string {
  if (typeof schema !== 'string') throw new AppError('SAL_REGISTRY', { detail: 'its answer has no schema' })
  return schema
}

/** As a frame has room for it. */
const isSchemaId = (id: unknown): id is number =>
  Number.isInteger(id) && Number(id) >= 0 && Number(id) <= 0xffffffff

function idOf({ id }: Answer): number {
  if (!isSchemaId(id)) throw new AppError('SAL_REGISTRY', { detail: 'its answer has no id' })
  return id
}
