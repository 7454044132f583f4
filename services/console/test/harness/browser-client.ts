import { createClient } from '@meridian/client'
import { plainUpdate } from './plain-update.ts'

/** What the conformance test calls in the browser: everything that a client was given until `count` updates had come. */
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

Object.assign(globalThis, { collect })
