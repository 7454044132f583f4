import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A system reached over a link on which live frames come slowly. */
export interface SlowLink {
  readonly url: string
  /** From now on nothing is slow. */
  hurry(): void
  stop(): Promise<void>
}

/** What is at the other end, and how many bytes a second come from the gateway. */
export interface SlowLinkOptions {
  readonly url: string
  readonly gateway: string
  readonly bytesPerSecond: number
}

/** Listens on a free port; `/live` goes to the gateway itself, everything else to the system's own address. */
export async function startSlowLink({ url, gateway, bytesPerSecond }: SlowLinkOptions): Promise<SlowLink> {
  const sockets = new Set<Socket>()
  let rate = bytesPerSecond
  const keep = (socket: Socket, other: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      sockets.delete(socket)
      other.destroy()
    })
  }
  const server = createServer(near => {
    near.once('data', head => {
      const isLive = head.subarray(0, 9).toString() === 'GET /live'
      const far = connect(Number(new URL(isLive ? gateway : url).port), '127.0.0.1')
      keep(near, far)
      keep(far, near)
      far.write(head)
      near.pipe(far)
      if (isLive) pour(far, near, () => rate)
      else far.pipe(near)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    hurry() {
      rate = Number.POSITIVE_INFINITY
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    }
  }
}

/** Hands on what comes, and reads the next of it when its time has passed. */
function pour(from: Socket, to: Socket, bytesPerSecond: () => number): void {
  from.on('data', chunk => {
    to.write(chunk)
    from.pause()
    setTimeout(() => from.resume(), Math.max(1, (chunk.length / bytesPerSecond()) * 1000))
  })
}
