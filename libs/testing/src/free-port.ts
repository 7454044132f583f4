import { createServer } from 'node:net'

// Below the range from which Linux takes ports of outgoing connections, so that a stopped server gets its
// port again.
const LOWEST = 20_000
const HIGHEST = 32_000

/** A TCP port on loopback that nobody listens on, and that no outgoing connection takes meanwhile. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
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
