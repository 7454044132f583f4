import { type Broker, lastValues } from '@meridian/broker'
import { decodeFields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { eventOf, keyToken, parseSubject, scriptOf } from '@meridian/subjects'
import type { ScriptQueue } from './script-queue.ts'

/** Which queue to restore, and from where. */
export interface RestoreOptions {
  readonly broker: Broker
  readonly site: string
  readonly index: number
  readonly queue: ScriptQueue
}

const SCRIPT_TOPICS = ['state', 'description', 'checkpoints', 'metadata', 'logLevel'] as const
/** Scripts whose last values are read by one consumer. */
const AT_ONCE = 16

/**
 * Brings a reduction up to what the streams hold: the queue's own last events from EVT, then those of every script that its lists name, from
 * EVT and SCRIPT. Throws what the broker throws; may be called again.
 */
export async function restoreQueue({ broker, site, index, queue }: RestoreOptions): Promise<void> {
  const own = (topic: string, key?: string): string =>
    eventOf({ site, csc: 'ScriptQueue', index, topic, key })
  const ofScript = (scriptIndex: number): string[] =>
    SCRIPT_TOPICS.map(topic => scriptOf({ site, queue: index, scriptIndex, topic }))
  const restore = async (stream: string, subjects: readonly string[]): Promise<void> => {
    for await (const { subject, data } of lastValues(broker, { stream, subjects })) {
      const { fields, sndStamp } = decodeSample(data)
      queue.restore({ ...topicOf(subject), fields: decodeFields(fields), sndStamp })
    }
  }

  await restore('EVT', [own('queue'), own('availableScripts')])
  const listed = queue.listed()
  for (let at = 0; at < listed.length; at += AT_ONCE) {
    const scripts = listed.slice(at, at + AT_ONCE)
    await restore(
      'EVT',
      scripts.map(scriptIndex => own('script', keyToken([scriptIndex])))
    )
    await restore('SCRIPT', scripts.flatMap(ofScript))
  }
}

function topicOf(subject: string): { readonly topic: string; readonly scriptIndex: number | undefined } {
  const parsed = parseSubject(subject)
  if (parsed.class === 'script') return { topic: parsed.topic, scriptIndex: parsed.scriptIndex }
  return { topic: parsed.class === 'evt' ? parsed.topic : '', scriptIndex: undefined }
}
