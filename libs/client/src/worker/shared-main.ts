import { createLeases } from './leases.ts'
import type { Port } from './messages.ts'
import { servePort } from './serve-port.ts'

/** A background tab's beat comes once a minute; this allows two that are late. */
const SILENCE_MS = 180_000

const leases = createLeases()
const scope = globalThis as unknown as {
  onconnect: (event: { readonly ports: readonly [Port] }) => void
}
scope.onconnect = ({ ports: [port] }) => servePort(port, { ...leases.forPage(), silenceMs: SILENCE_MS })
