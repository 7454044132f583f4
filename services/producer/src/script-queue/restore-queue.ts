import { type Broker, lastValues } from '@meridian/broker'
import { decodeFields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { eventOf, parseSubject, scriptOf } from '@meridian/subjects'
import { SCRIPT_TOPICS } from './queue-event.ts'
import type { QueueInput, ScriptQueue } from './script-queue.ts'

/** Which queue to restore, and from where. */
export interface RestoreOptions {
  readonly broker: Broker
  readonly site: string
  readonly index: number
  readonly queue: ScriptQueue
}

/** Topics of one script: what its queue says of it, and what it says itself. */
const TOPICS = ['script', ...SCRIPT_TOPICS] as const
/** Scripts whose last values are read by one consumer. */
const AT_ONCE = 16

/**
 * Brings a reduction up to what the streams hold: the queue's own last events from EVT, then those of every
 * script that its lists name, from SCRIPT. Throws what the broker throws; may be called again.
 */
export async function restoreQueue({ broker, site, index, queue }: RestoreOptions): Promise<void> {
  const restore = async (stream: string, subjects: readonly string[]): Promise<void> => {
    for await (const { subject, data } of lastValues(broker, { stream, subjects })) {
      const { fields, sndStamp } = decodeSample(data)
      queue.restore({ ...topicOf(subject), fields: decodeFields(fields), sndStamp })
    }
  }
  const own = (topic: string): string => eventOf({ site, csc: 'ScriptQueue', index, topic })
  await restore('EVT', [own('queue'), own('availableScripts')])
  const ofScript = (scriptIndex: number): readonly string[] =>
    TOPICS.map(topic => scriptOf({ site, queue: index, scriptIndex, topic }))
  const listed = queue.listed()
  for (let at = 0; at < listed.length; at += AT_ONCE)
    await restore('SCRIPT', listed.slice(at, at + AT_ONCE).flatMap(ofScript))
}

function topicOf(subject: string): Pick<QueueInput, 'topic' | 'scriptIndex'> {
  const parsed = parseSubject(subject)
  if (parsed.class === 'script') return { topic: parsed.topic, scriptIndex: parsed.scriptIndex }
  return { topic: parsed.class === 'evt' ? parsed.topic : '', scriptIndex: undefined }
}
