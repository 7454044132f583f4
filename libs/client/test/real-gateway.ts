import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { freePort, serviceCommand, waitFor } from '@meridian/testing'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A gateway as a process of its own. */
export interface RealGateway {
  readonly port: number
  /** Sends a signal and resolves when the process is gone, with its exit code. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** Starts the gateway's own main file, with more settings where `more` has them, and waits until it is ready. */
export async function startGateway(
  natsUrl: string,
  name: string,
  more: Readonly<Record<string, string>> = {}
): Promise<RealGateway> {
  const port = await freePort()
  const own = { NATS_URL: natsUrl, SITE: 'summit', NAME: name, HOST: '127.0.0.1', PORT: String(port) }
  const settings = { ...own, ...more }
  const child = spawn(process.execPath, serviceCommand('gateway'), {
    cwd: root,
    env: { ...process.env, ...settings, DRAIN_MS: '3000' },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', chunk => {
      said += String(chunk)
    })
  const gone = once(child, 'exit')
  // A test that fails or runs out of time leaves no gateway behind.
  process.once('exit', () => child.kill('SIGKILL'))
  await waitFor(
    async () => {
      if (child.exitCode !== null) return true
      return (await fetch(`http://127.0.0.1:${port}/readyz`)).ok
    },
    { what: `gateway ${name} to be ready`, timeoutMs: 25_000, everyMs: 50 }
  )
  if (child.exitCode !== null) throw new Error(`gateway ended: ${said}`)
  return {
    port,
    async end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      await gone
      return child.exitCode
    }
  }
}

/** One address in front of gateways: new connections go where the test says. */
export interface Front {
  readonly url: string
  aim(port: number): void
  stop(): Promise<void>
}

/** Listens on a free port of loopback and passes each new connection on to `port`, until it is aimed elsewhere. */
export async function startFront(port: number): Promise<Front> {
  let target = port
  const sockets = new Set<Socket>()
  const server = createServer(client => {
    const upstream = connect(target, '127.0.0.1')
    for (const [one, other] of [
      [client, upstream],
      [upstream, client]
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    client.pipe(upstream)
    upstream.pipe(client)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/live`,
    aim(next) {
      target = next
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise(resolve => server.close(resolve))
    }
  }
}
