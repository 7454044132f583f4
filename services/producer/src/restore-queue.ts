import { type Broker, lastMessage } from '@meridian/broker'
import { decodeFields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { eventOf, keyToken, scriptOf } from '@meridian/subjects'
import type { ScriptQueue } from './script-queue.ts'

/** Which queue to restore, and from where. */
export interface RestoreOptions {
  readonly broker: Broker
  readonly site: string
  readonly index: number
  readonly queue: ScriptQueue
}

const SCRIPT_TOPICS = ['state', 'description', 'checkpoints', 'metadata', 'logLevel'] as const
const AT_ONCE = 16

/**
 * Brings a reduction up to what the streams hold: the queue's own last events from EVT, then those of every script that its lists name, from
 * EVT and SCRIPT. Throws what the broker throws; may be called again.
 */
export async function restoreQueue({ broker, site, index, queue }: RestoreOptions): Promise<void> {
  const own = (topic: string, key?: string): string =>
    eventOf({ site, csc: 'ScriptQueue', index, topic, key })
  const restore = async (
    stream: string,
    subject: string,
    topic: string,
    scriptIndex?: number
  ): Promise<void> => {
    const message = await lastMessage(broker, stream, subject)
    if (message === undefined) return
    const { fields, sndStamp } = decodeSample(message.data)
    queue.restore({ topic, scriptIndex, fields: decodeFields(fields), sndStamp })
  }

  await restore('EVT', own('queue'), 'queue')
  await restore('EVT', own('availableScripts'), 'availableScripts')
  const ofScript = (scriptIndex: number): Promise<void>[] => [
    restore('EVT', own('script', keyToken([scriptIndex])), 'script'),
    ...SCRIPT_TOPICS.map(topic =>
      restore('SCRIPT', scriptOf({ site, queue: index, scriptIndex, topic }), topic, scriptIndex)
    )
  ]
  const listed = queue.listed()
  for (let at = 0; at < listed.length; at += AT_ONCE)
    await Promise.all(listed.slice(at, at + AT_ONCE).flatMap(ofScript))
}
