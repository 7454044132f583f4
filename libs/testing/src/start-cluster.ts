import { freePort } from './free-port.ts'
import { startNats, type TestNats } from './start-nats.ts'
import { waitFor } from './wait-for.ts'

/** Servers that form one JetStream cluster on loopback, each with a store of its own. */
export interface TestCluster {
  /** The addresses of all servers, separated by commas. */
  readonly url: string
  readonly servers: readonly TestNats[]
  /**
   * Resolves when a server, or each of them, says by `/healthz` that its streams and consumers are as current
   * as their leaders': then the next one may go.
   */
  whenHealthy(server?: TestNats): Promise<void>
  /** Ends and starts each server in turn, waiting until the one before is healthy again. */
  rollingRestart(): Promise<void>
  stop(): Promise<void>
}

/** Replicas are caught up within seconds; only a failure takes as long. */
const HEALTHY_MS = 120_000
const SIZE = 3

/**
 * Starts three servers and waits until they have elected a leader, so that streams with three replicas can be
 * made. The servers end with the test's process, as `startNats` says.
 */
export async function startCluster(): Promise<TestCluster> {
  const ports = await freePorts(2 * SIZE)
  const routePorts = ports.slice(0, SIZE)
  const monitorPorts = ports.slice(SIZE)
  const routes = routePorts.map(port => `nats-route://127.0.0.1:${port}`).join(', ')
  const servers = await Promise.all(
    routePorts.map((port, at) =>
      startNats({
        ...{ monitorPort: monitorPorts[at] as number },
        config: `server_name: n${at + 1}
cluster { name: test, listen: "127.0.0.1:${port}", no_advertise: true, routes: [${routes}] }`
      })
    )
  )
  const isHealthy = async (server: TestNats): Promise<boolean> =>
    (await fetch(`http://127.0.0.1:${monitorPorts[servers.indexOf(server)]}/healthz`)).ok
  const whenHealthy = async (server?: TestNats): Promise<void> => {
    for (const one of server === undefined ? servers : [server])
      await waitFor(() => isHealthy(one), {
        what: `nats-server on port ${one.port} is healthy`,
        timeoutMs: HEALTHY_MS,
        everyMs: 100
      })
  }
  await whenHealthy()
  return {
    url: servers.map(({ url }) => url).join(','),
    servers,
    whenHealthy,
    async rollingRestart() {
      for (const server of servers) {
        await server.shutDown()
        await server.restart()
        await whenHealthy(server)
      }
    },
    async stop() {
      await Promise.all(servers.map(server => server.stop()))
    }
  }
}

/** So many different ports. */
async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
