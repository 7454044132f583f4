import { setTimeout } from 'node:timers/promises'
import { AppError } from '@meridian/errors'
import { type MessageReader, type Registry, schemaIdOf } from '@meridian/sal'
import type { TopicMessages } from './topic-messages.ts'

/** Finds the readers of messages, asking the registry for the schemas that are not known yet. */
export interface SchemaReaders {
  /**
   * The reader of a value; a promise where its schema has to be asked for, which lasts until the registry answers.
   * Throws or rejects with SAL_BAD_MESSAGE, SAL_NO_SCHEMA or SAL_BAD_SCHEMA, and BRK_UNAVAILABLE once it is stopped.
   */
  of(topic: TopicMessages, value: Uint8Array): MessageReader | Promise<MessageReader>
  /** Since when (of `performance.now()`) the registry has not answered what it was asked; undefined: nothing is asked. */
  askingSinceMs(): number | undefined
}

const PAUSE_MS = 1_000

/** Makes one; `failed` is told each time that the registry does not answer as it must. */
export function createSchemaReaders(
  registry: Registry,
  stopping: AbortSignal,
  failed: (error: AppError) => void
): SchemaReaders {
  const asking = new Map<object, number>()

  const ask = async (topic: TopicMessages, id: number): Promise<MessageReader> => {
    for (;;) {
      try {
        return topic.learn(id, await registry.schemaOf(id))
      } catch (caught) {
        const error = AppError.from(caught)
        if (!error.entry.canRetry) throw error
        failed(error)
        await setTimeout(PAUSE_MS, undefined, { signal: stopping })
      }
    }
  }

  return {
    of(topic, value) {
      const id = schemaIdOf(value)
      const known = topic.readerOf(id)
      if (known !== undefined) return known
      const question = {}
      asking.set(question, performance.now())
      return ask(topic, id).finally(() => asking.delete(question))
    },
    askingSinceMs: () => asking.values().next().value
  }
}
