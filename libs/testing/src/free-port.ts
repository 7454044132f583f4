import { createServer } from 'node:net'
import { PLACE_VARIABLE, PLACES } from './places.ts'

// Below the range from which Linux takes ports of outgoing connections, so that a stopped server gets its
// port again.
const LOWEST = 20_000
const HIGHEST = 32_000
// Each package under test draws from ports of its own: between the look at a port and the server that listens
// on it another package would take the same. What is not tested in a place shares the last part.
const PORTS_EACH = Math.floor((HIGHEST - LOWEST) / (PLACES + 1))
const FIRST = LOWEST + PORTS_EACH * Number(process.env[PLACE_VARIABLE] ?? PLACES)

let next = Math.floor(Math.random() * PORTS_EACH)

/**
 * A TCP port on loopback that nobody listens on, and that no outgoing connection takes meanwhile. The same one
 * comes again only after a thousand others.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + (next++ % PORTS_EACH)
    if (await isFree(port)) return port
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
