import { createServer } from 'node:net'
import { AppError } from '@meridian/errors'

// Below the range from which an outgoing connection takes its port: a broker that is started again finds its
// own free.
const LOWEST = 10_000
const HIGHEST = 20_000

/** A free port of the loopback address. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST))
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  assertFree(port).then(
    () => true,
    () => false
  )

/** Throws RUN_BAD_PORT where somebody listens on the port already, or nobody may. */
export function assertFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new AppError('RUN_BAD_PORT', {
          detail: `${port}${error.code === 'EADDRINUSE' ? ' is in use' : `: ${error.message}`}; choose another with --port`
        })
      )
    )
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()))
  })
}

/** The first of these ports on which nobody listens, else a free one. */
export async function firstFree(ports: readonly (number | undefined)[]): Promise<number> {
  for (const port of ports) {
    if (port !== undefined && (await isFree(port))) return port
  }
  return freePort()
}
