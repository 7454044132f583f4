import { queueOf } from '@meridian/catalogue'
import type { SourceMessage } from '../sources/source.ts'
import type { QueueInput } from './script-queue.ts'

/** Something that a queue or one of its Scripts said, for the reduction of the queue's state. */
export interface QueueEvent extends QueueInput {
  readonly queue: number
}

/**
 * Topics of a Script that its queue's state is reduced from; of the queue's own topics `script` is about one
 * Script too.
 */
export const SCRIPT_TOPICS = ['state', 'description', 'checkpoints', 'metadata', 'logLevel'] as const

const ofScript: ReadonlySet<string> = new Set(SCRIPT_TOPICS)
const ofQueue: ReadonlySet<string> = new Set(['queue', 'script', 'availableScripts'])

/**
 * A message as an event of its queue; undefined for all other messages, whose fields are not looked at: a source makes
 * an object of them for those who ask.
 */
export function queueEventOf(message: SourceMessage, sndStamp: number): QueueEvent | undefined {
  const { csc, index, kind, name } = message.topic
  if (kind !== 'evt') return undefined
  if (csc === 'ScriptQueue' && ofQueue.has(name))
    return { queue: index, topic: name, scriptIndex: undefined, fields: message.fields, sndStamp }
  if (csc === 'Script' && ofScript.has(name))
    return { queue: queueOf(index), topic: name, scriptIndex: index, fields: message.fields, sndStamp }
  return undefined
}
