import type { AppError } from '@meridian/errors'
import { type MessageReader, type Registry, schemaIdOf, tryUntilDone } from '@meridian/sal'
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

/** Makes one; `failed` is told each time that the registry does not answer as it must. */
export function createSchemaReaders(
  registry: Registry,
  stopping: AbortSignal,
  failed: (error: AppError) => void
): SchemaReaders {
  const asking = new Map<object, number>()

  return {
    of(topic, value) {
      const id = schemaIdOf(value)
      const known = topic.readerOf(id)
      if (known !== undefined) return known
      const question = {}
      asking.set(question, performance.now())
      return tryUntilDone(() => registry.schemaOf(id), { stopping, failed })
        .then(schema => topic.learn(id, schema))
        .finally(() => asking.delete(question))
    },
    askingSinceMs: () => asking.values().next().value
  }
}
