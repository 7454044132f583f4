import { createClient as createPlainClient } from '../client.ts'
import type { PlacedClient, WorkerClientOptions } from './messages.ts'
import { createPageClient, type OpenWorker } from './page-client.ts'

interface DedicatedWorker {
  onmessage: ((event: { readonly data: never }) => void) | null
  onerror: ((event: { readonly message?: string }) => void) | null
  postMessage(message: unknown): void
}

// The root's types are those of Node; bundlers look for exactly this form, and put the worker beside the page.
declare const Worker: new (url: URL, options: { type: 'module'; name: string }) => DedicatedWorker

/**
 * A client whose socket, decoding and timers are in a Worker: a busy page delays no ping, and a background page's
 * slow timers do not matter. Where there are no Workers it is the plain client, and `place` says so. Throws
 * SDK_BAD_URL. The page's bundler must know `new Worker(new URL(…))`, as Vite, webpack and Rspack do.
 */
export function createClient(options: WorkerClientOptions): PlacedClient {
  if ((globalThis as { readonly Worker?: unknown }).Worker === undefined)
    return { ...createPlainClient(options), place: 'page' }
  return Object.assign(createPageClient(options, openWorker), { place: 'worker' } as const)
}

const openWorker: OpenWorker = onFault => {
  const port = new Worker(new URL('./worker-main.ts', import.meta.url), { type: 'module', name: 'meridian' })
  port.onerror = ({ message = 'the script of the worker cannot be loaded' }) => onFault(message)
  // The worker ends itself once it has closed its socket.
  return { port, end: () => undefined }
}

export type { PlacedClient, WorkerClientOptions } from './messages.ts'
