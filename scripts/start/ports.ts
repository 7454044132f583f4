import { createServer } from 'node:net'
import { AppError } from '@meridian/errors'

/** A free port of the loopback address. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      probe.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))
      )
    })
  })
}

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
    if (port === undefined) continue
    const isFree = await assertFree(port).then(
      () => true,
      () => false
    )
    if (isFree) return port
  }
  return freePort()
}
