import { type Broker, connectBroker, ensureStreams, streamTable } from '@meridian/broker'
import type { StreamName } from '@meridian/subjects'
import {
  createTestLog,
  evaluateIn,
  freePort,
  type ServiceProcess,
  startCluster,
  startLink,
  startSiteService,
  type TestCluster,
  waitFor
} from '@meridian/testing'

/** The site that all processes and subjects of a run are of. */
export const SITE = 'summit'
/** Only a failure takes as long. */
export const WAIT_MS = 120_000

/** A TCP path that a fault can cut or swallow. */
type Path = Awaited<ReturnType<typeof startLink>>

/** A service that can be killed, frozen and started again under the same address. */
interface Victim {
  readonly name: string
  process(): ServiceProcess
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** kill -9, then starts it again; resolves when it is ready. */
  killAndRestart(): Promise<void>
  /** Every line that it logged, over all its starts. */
  lines(): readonly string[]
}

/** A gateway with the paths to it and from it. */
export interface GatewayVictim extends Victim {
  /** Where clients connect. */
  readonly port: number
  readonly fromClients: Path
  readonly toBroker: readonly Path[]
  /** Runs this in its process and gives the value; the event loop stands still meanwhile. */
  evaluate(expression: string): Promise<unknown>
}

/** A cluster of three servers with streams of three replicas, and real services on it. */
export interface ChaosSite {
  readonly cluster: TestCluster
  readonly broker: Broker
  readonly gateways: readonly GatewayVictim[]
  readonly producer: Victim
  readonly commander: Victim
  makeStreams(): Promise<void>
  /** JetStream's own API; asks again while the cluster elects. */
  jetstream(call: string, body?: object): Promise<Record<string, unknown>>
  /** Sequence of the last message of a stream. */
  lastSeq(stream: StreamName): Promise<number>
  stop(): Promise<void>
}

/** How fast a gateway notices what is gone: as in production, made shorter. */
const GATEWAY_SETTINGS = { PING_MS: '2000', IDLE_MS: '6000', DRAIN_MS: '2000' }

/** Starts everything: five seconds from the bundles, some more from the sources. */
export async function startChaosSite(): Promise<ChaosSite> {
  const cluster = await startCluster()
  const broker = await connectBroker({ servers: cluster.url, name: 'chaos', log: createTestLog() })
  const makeStreams = async (): Promise<void> => {
    const specs = streamTable(SITE, 'laptop').map(spec => ({ ...spec, replicas: 3 as const }))
    // A cluster that has just lost or regained a server places no replica there for some seconds.
    await waitFor(() => ensureStreams(broker, specs, createTestLog()), {
      ...{ what: 'the streams to be made', timeoutMs: WAIT_MS, everyMs: 500 }
    })
  }
  await makeStreams()
  const [first, second, producer, commander] = await Promise.all([
    startGateway('gateway-1', cluster),
    startGateway('gateway-2', cluster),
    startVictim('producer', { NATS_URL: cluster.url, NAME: 'producer' }),
    startVictim('commander', { NATS_URL: cluster.url, NAME: 'commander' })
  ])
  const gateways = [first, second]
  const jetstream = (call: string, body?: object): Promise<Record<string, unknown>> =>
    waitFor(() => askOnce(broker, call, body), { what: call, timeoutMs: WAIT_MS, everyMs: 200 })
  return {
    ...{ cluster, broker, gateways, producer, commander, makeStreams, jetstream },
    async lastSeq(stream) {
      const { state } = (await jetstream(`STREAM.INFO.${stream}`)) as { state: { last_seq: number } }
      return state.last_seq
    },
    async stop() {
      for (const victim of [...gateways, producer, commander]) {
        victim.signal('SIGCONT')
        await victim.process().stop()
      }
      await Promise.all(gateways.flatMap(({ fromClients, toBroker }) => [fromClients, ...toBroker]).map(end))
      await broker.drain()
      await cluster.stop()
    }
  }
}

const end = (path: Path): Promise<void> => path.stop()

async function askOnce(broker: Broker, call: string, body?: object): Promise<Record<string, unknown>> {
  const text = body === undefined ? '' : JSON.stringify(body)
  const reply = await broker.request(`$JS.API.${call}`, text, { timeoutMs: 3_000 })
  const answer = JSON.parse(reply.text()) as Record<string, unknown>
  if (answer['error'] !== undefined) throw new Error(`${call}: ${JSON.stringify(answer['error'])}`)
  return answer
}

async function startVictim(service: string, settings: Readonly<Record<string, string>>): Promise<Victim> {
  const { NATS_URL: url = '', NAME: name = service } = settings
  const lines: string[] = []
  const start = (): Promise<ServiceProcess> => startSiteService(service, { url }, settings)
  let running = await start()
  return {
    name,
    process: () => running,
    signal: signal => void running.child.kill(signal),
    lines: () => [...lines, ...running.lines],
    async killAndRestart() {
      await running.stop()
      lines.push(...running.lines)
      running = await start()
    }
  }
}

async function startGateway(name: string, cluster: TestCluster): Promise<GatewayVictim> {
  const toBroker = await Promise.all(cluster.servers.map(({ port }) => startLink(port)))
  const [port, inspectPort] = [await freePort(), await freePort()]
  const victim = await startVictim('gateway', {
    ...GATEWAY_SETTINGS,
    ...{ NAME: name, PORT: String(port), NODE_OPTIONS: `--inspect-port=127.0.0.1:${inspectPort}` },
    NATS_URL: toBroker.map(link => `nats://127.0.0.1:${link.port}`).join(',')
  })
  const fromClients = await startLink(port)
  return {
    ...victim,
    ...{ port: fromClients.port, fromClients, toBroker },
    evaluate: expression => evaluateIn(victim.process().child.pid ?? 0, inspectPort, expression)
  }
}
