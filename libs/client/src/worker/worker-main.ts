import { createClient } from '../client.ts'
import type { Client } from '../types.ts'
import type { Port } from './messages.ts'
import { servePort } from './serve-port.ts'

/** Time for the socket's closing handshake, ms, before the worker ends. */
const CLOSING_MS = 200

const scope = globalThis as unknown as Port & { close(): void }
let client: Client | undefined

servePort(scope, {
  lease(options) {
    client = createClient(options)
    return client
  },
  release() {
    client?.close()
    setTimeout(() => scope.close(), CLOSING_MS)
  }
})
