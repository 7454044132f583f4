import { inboxPrefixOf } from '@meridian/subjects'
import type { BrokerPlace } from '../tail/broker-of.ts'
import { caFileOf, seedFileOf } from './key-files.ts'

/**
 * A context of the nats tool that reads as an observer: the text of its file. It names the files of the key and of the
 * CA, and holds no secret itself; of a broker without keys it is the address alone.
 */
export function natsContextOf({ url, keys }: BrokerPlace): string {
  const context = {
    description: `${DESCRIPTION}${keys === undefined ? '' : ', to look only'}`,
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

const DESCRIPTION = 'Meridian'

/** Whether the text of a file is a context that was written here. */
export function isNatsContext(text: string): boolean {
  try {
    return String(JSON.parse(text).description).startsWith(DESCRIPTION)
  } catch {
    return false
  }
}
