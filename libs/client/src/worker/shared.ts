import { createClient as createPlainClient } from '../client.ts'
import type { PlacedClient, Port, WorkerClientOptions } from './messages.ts'
import { createPageClient, type OpenWorker } from './page-client.ts'

interface Shared {
  readonly port: Port & { close(): void }
  onerror: ((event: { readonly message?: string }) => void) | null
}

// The root's types are those of Node; bundlers look for exactly this form, and put the worker beside the page.
declare const SharedWorker: new (url: URL, options: { type: 'module'; name: string }) => Shared

/**
 * A client that shares one connection with the other tabs of this origin that have the same options: what several
 * tabs want comes once over the wire. `close()` ends what this tab asked for; the connection ends with the last tab.
 * A tab that dies is noticed at once where there are Web Locks (https, this machine), within three minutes elsewhere. Where the browser has no SharedWorker
 * it is the plain client, and `place` says so. Throws SDK_BAD_URL.
 */
export function createClient(options: WorkerClientOptions): PlacedClient {
  if ((globalThis as { readonly SharedWorker?: unknown }).SharedWorker === undefined)
    return { ...createPlainClient(options), place: 'page' }
  return Object.assign(createPageClient(options, openShared), { place: 'shared worker' } as const)
}

const openShared: OpenWorker = onFault => {
  const worker = new SharedWorker(new URL('./shared-main.ts', import.meta.url), {
    type: 'module',
    name: 'meridian'
  })
  worker.onerror = ({ message = 'the script of the worker cannot be loaded' }) => onFault(message)
  const { port } = worker
  return { port, lock: `meridian-tab-${Date.now()}-${Math.random()}`, end: () => port.close() }
}

export type { PlacedClient, WorkerClientOptions } from './messages.ts'
