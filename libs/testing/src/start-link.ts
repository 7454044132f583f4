import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A TCP proxy on loopback in front of a server, whose connections a test can cut. */
export interface Link {
  /** Port to connect to instead of the server's. */
  readonly port: number
  /** Ends every connection and refuses new ones. */
  cut(): void
  mend(): void
  /** New connections go to another server. */
  aim(targetPort: number): void
  /** Drops the server's bytes while the clients' bytes still pass, until the next cut. */
  cutAnswers(): void
  /**
   * As a cable that is pulled: connections stay open, new ones too, no byte passes, and neither side hears
   * that the other one ends. `mend` helps new connections only.
   */
  swallow(): void
  stop(): Promise<void>
}

/** Listens on a free port and forwards bytes to `firstPort` on loopback until it is cut. */
export async function startLink(firstPort: number): Promise<Link> {
  const sockets = new Set<Socket>()
  const fars = new Map<Socket, Socket>()
  const silent = new Set<Socket>()
  let targetPort = firstPort
  let isCut = false
  let isSilent = false
  const silence = (socket: Socket): void => {
    silent.add(socket)
    socket.unpipe()
    socket.resume()
  }
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      if (!silent.delete(socket)) other.destroy()
    })
    if (isSilent) silence(socket)
    else socket.pipe(other)
  }
  const server = createServer(near => {
    if (isCut) {
      near.destroy()
      return
    }
    const far = connect(targetPort, '127.0.0.1')
    keep(near, far)
    keep(far, near)
    fars.set(far, near)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = (): void => {
    isCut = true
    for (const socket of sockets) socket.destroy()
    fars.clear()
  }
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    mend() {
      isCut = false
      isSilent = false
    },
    aim(port) {
      targetPort = port
    },
    cutAnswers() {
      for (const [far, near] of fars) {
        far.unpipe(near)
        far.resume()
      }
    },
    swallow() {
      isSilent = true
      for (const socket of sockets) silence(socket)
    },
    async stop() {
      cut()
      if (server.listening) await new Promise(resolve => server.close(resolve))
    }
  }
}
