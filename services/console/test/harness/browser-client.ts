import { createClient } from '@meridian/client'
import { plainUpdate } from './plain-update.ts'

/**
 * What the conformance test calls in the browser: everything that a client was given until `count` updates
 * had come.
 */
export function collect(
  url: string,
  patterns: readonly string[],
  count: number
): Promise<readonly unknown[]> {
  return new Promise(resolve => {
    const client = createClient({ url })
    const updates: unknown[] = []
    client.subscribe(patterns, {
      onData(update) {
        updates.push(plainUpdate(update))
        if (updates.length < count) return
        client.close()
        resolve(updates)
      }
    })
    client.connect()
  })
}

/** No second ping on one connection: its number would be another. */
const PING_MS = 60_000

/**
 * Makes a client say each kind of frame to a golden-listener: two subscriptions, the resumption of both, a
 * command, and the end of a subscription.
 */
export async function speak(url: string, protocol: 'msgpack' | 'json'): Promise<void> {
  const client = createClient({ url, protocol, pingMs: PING_MS })
  const events = client.subscribe(['evt.summit.>'], { onData: () => undefined })
  await new Promise<void>(resolve => {
    let timesLive = 0
    client.subscribe([{ pattern: 'tel.summit.>', rate: 20 }], {
      onData: () => undefined,
      onLive: () => ++timesLive === 2 && resolve()
    })
    client.connect()
  })
  await client.command({
    id: '01jd3xkq7m5v8w2n4p6r9t0abc',
    csc: 'MTMount',
    index: 0,
    command: 'moveToTarget',
    params: { azimuth: -12.5, elevation: 60, name: 'élan', list: [1, 2.5, true, null] },
    notAfterSeconds: 7.5
  }).accepted
  events.close()
  client.close()
}

declare global {
  interface Window {
    collect: typeof collect
    speak: typeof speak
  }
}

Object.assign(globalThis, { collect, speak })
