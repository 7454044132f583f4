import { createClient } from '../client.ts'
import type { Client } from '../types.ts'
import type { ServeOptions } from './serve-port.ts'

/** The clients of a shared worker: one for each set of options, for as long as a page uses it. */
export interface Leases {
  /** How one page comes to its client, and leaves it. */
  forPage(): Pick<ServeOptions, 'lease' | 'release'>
}

/** Leases of no client yet: the first page with the same options makes one, the last one that leaves closes it. */
export function createLeases(): Leases {
  const clients = new Map<string, { readonly client: Client; pages: number }>()
  return {
    forPage() {
      let key = ''
      return {
        lease(options) {
          key = JSON.stringify(Object.entries(options).sort())
          const known = clients.get(key) ?? { client: createClient(options), pages: 0 }
          known.pages++
          clients.set(key, known)
          return known.client
        },
        release() {
          const known = clients.get(key)
          if (known === undefined || --known.pages > 0) return
          clients.delete(key)
          known.client.close()
        }
      }
    }
  }
}
