import { dirname } from 'node:path'
import { inboxPrefixOf } from '@meridian/subjects'
import type { BrokerPlace } from '../tail/broker-of.ts'
import { caFileOf, seedFileOf } from './key-files.ts'

/**
 * A context of the nats tool that reads as an observer: the text of its file. It names the files of the key and of the
 * CA, and holds no secret itself; of a broker without keys it is the address alone.
 */
export function natsContextOf({ url, keys }: BrokerPlace): string {
  const context = {
    description: keys === undefined ? 'Meridian' : 'Meridian, to look only',
    url,
    ...(keys !== undefined && {
      nkey: seedFileOf(keys, 'observer'),
      ca: caFileOf(keys),
      tls_first: true,
      inbox_prefix: inboxPrefixOf('observer')
    })
  }
  return `${JSON.stringify(context, null, 2)}\n`
}

/** Whether the text of a file is a context that was written here, and that nobody has changed since. */
export function isNatsContext(text: string): boolean {
  try {
    const { url, nkey } = JSON.parse(text) as { readonly url: string; readonly nkey?: string }
    return text === natsContextOf({ url, keys: nkey === undefined ? undefined : dirname(nkey) })
  } catch {
    return false
  }
}
