import { createServer } from 'node:net'
import { StartError } from './say.ts'

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

/** Throws StartError when somebody listens on the port already. */
export function assertFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new StartError(
          error.code === 'EADDRINUSE'
            ? `Port ${port} is in use; choose another with --port.`
            : `Port ${port} cannot be used: ${error.message}.`
        )
      )
    )
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()))
  })
}
