import { AppError } from '@meridian/errors'
import { createSemaphore } from '@meridian/fanout'
import { type AvroSchema, type MessageReader, type Registry, schemaIdOf, tryUntilDone } from '@meridian/sal'
import type { TopicMessages } from './topic-messages.ts'

/** Finds the readers of messages, asking the registry for the schemas that are not known yet. */
export interface SchemaReaders {
  /**
   * The reader of a value; a promise where its schema has to be asked for, which lasts until the registry answers.
   * Throws or rejects with SAL_BAD_MESSAGE, SAL_NO_SCHEMA or SAL_BAD_SCHEMA, and SAL_REGISTRY once it is stopped.
   */
  of(topic: TopicMessages, value: Uint8Array): MessageReader | Promise<MessageReader>
  /** Since when (of `performance.now()`) the registry has not answered what it was asked; undefined: nothing is asked. */
  askingSinceMs(): number | undefined
}

/** Schemas that the registry is asked for at a time, and again each second while it is away. */
const AT_ONCE = 8

/** Makes one; `failed` is told each time that the registry does not answer as it must. */
export function createSchemaReaders(
  registry: Registry,
  stopping: AbortSignal,
  failed: (error: AppError) => void
): SchemaReaders {
  const asking = new Map<object, number>()
  const turns = createSemaphore({ atOnce: AT_ONCE })
  const ask = async (id: number): Promise<AvroSchema> => {
    if (stopping.aborted) throw new AppError('SAL_REGISTRY', { detail: 'it is not asked any more' })
    return registry.schemaOf(id)
  }

  return {
    of(topic, value) {
      const id = schemaIdOf(value)
      const known = topic.readerOf(id)
      if (known !== undefined) return known
      const question = {}
      asking.set(question, performance.now())
      return turns
        .run(() => tryUntilDone(() => ask(id), { stopping, failed }))
        .then(schema => topic.learn(id, schema))
        .finally(() => asking.delete(question))
    },
    askingSinceMs: () => asking.values().next().value
  }
}
