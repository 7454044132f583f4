import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.ts'
import {
  BROKER,
  CLUSTER,
  javaArguments,
  KAFKA_VERSION,
  type KafkaNodeSettings,
  nodeSettings,
  STORAGE_TOOL,
  whyNoKafkaIn
} from './kafka-node.ts'
import { waitFor } from './wait-for.ts'

const START_MS = 120_000

/** A real broker of Kafka, one node in KRaft mode, on loopback. */
export interface TestKafka {
  /** `host:port`. */
  readonly broker: string
  readonly user: string
  readonly password: string
  /** The CA of its certificate, PEM, where it speaks TLS. */
  readonly ca: string | undefined
  /** The same in settings of a service, by the names of SAL's programs. */
  readonly settings: Readonly<Record<string, string>>
  kill9(): Promise<void>
  /** Starts it again after a kill, on its port and with its data. */
  restart(): Promise<void>
  /** Starts a second broker of the same cluster, node 2, which has no vote; it ends with the first one at the latest. */
  join(): Promise<Pick<TestKafka, 'broker' | 'kill9' | 'restart'>>
  stop(): Promise<void>
}

const cache = fileURLToPath(new URL('../../../node_modules/.cache/kafka/', import.meta.url))

/** Why no broker can be started here; undefined where one can. `pnpm kafka` gets what it needs. */
export function whyNoKafka(version = KAFKA_VERSION): string | undefined {
  const why = whyNoKafkaIn(join(cache, version))
  return why === undefined ? undefined : `Kafka ${version}: ${why}`
}

/** How clients must speak to a broker; default: without SASL and TLS. */
interface TestKafkaOptions {
  readonly version?: string
  /** SCRAM-SHA-512, as the summit's. */
  readonly sasl?: boolean
  /** With a certificate of its own CA. */
  readonly tls?: boolean
}

/** Starts one with an empty log, on free ports; resolves when it serves. Whoever calls stops it. */
export async function startKafka({
  version = KAFKA_VERSION,
  sasl = false,
  tls = false
}: TestKafkaOptions = {}): Promise<TestKafka> {
  const folder = mkdtempSync(join(tmpdir(), 'meridian-kafka-'))
  const who = { user: 'meridian', password: 'staple-battery' }
  const ca = tls ? makeCertificate(folder) : undefined
  const scram = sasl ? ['--add-scram', `SCRAM-SHA-512=[name=${who.user},password=${who.password}]`] : []
  const of = { folder, controller: await freePort(), sasl, tls }
  const nodes: KafkaNode[] = []
  const start = async (id: number, ...formatting: string[]): Promise<KafkaNode> => {
    const node = await startNode({ ...of, id, port: await freePort() }, version, formatting)
    nodes.push(node)
    return node
  }
  const first = await start(1, ...scram)
  return {
    ...first,
    ...who,
    ca,
    settings: {
      LSST_KAFKA_BROKER_ADDR: first.broker,
      LSST_KAFKA_SECURITY_PROTOCOL: protocolOf(sasl, tls),
      ...(sasl && { LSST_KAFKA_SECURITY_USERNAME: who.user, LSST_KAFKA_SECURITY_PASSWORD: who.password }),
      ...(tls && { LSST_KAFKA_CA_FILE: join(folder, 'tls.crt') })
    },
    join: () => start(2),
    async stop() {
      for (const node of nodes) await node.kill9()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

type KafkaNode = Pick<TestKafka, 'broker' | 'kill9' | 'restart'>

async function startNode(of: NodeSettings, version: string, formatting: string[]): Promise<KafkaNode> {
  const { folder, port, id } = of
  const settings = join(folder, `server-${id}.properties`)
  writeFileSync(settings, settingsOf(of))
  const jars = javaArguments(join(cache, version))
  const java = (...args: string[]): ChildProcess =>
    spawn('java', [...jars, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  await once(java(STORAGE_TOOL, 'format', '-t', CLUSTER, '-c', settings, ...formatting), 'close')
  let running = await launch(java, settings, port)
  process.once('exit', () => running.kill('SIGKILL'))
  return {
    broker: `127.0.0.1:${port}`,
    async kill9() {
      if (running.exitCode !== null || running.signalCode !== null) return
      running.kill('SIGKILL')
      await once(running, 'close')
    },
    async restart() {
      running = await launch(java, settings, port)
    }
  }
}

const protocolOf = (sasl: boolean, tls: boolean) =>
  `${sasl ? 'SASL_' : ''}${tls ? 'SSL' : 'PLAINTEXT'}` as const

/** A certificate for loopback that is its own CA, and beside it the same with its key, as Kafka wants it; gives the first. */
function makeCertificate(folder: string): string {
  const [crt, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const kind = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2'
  ]
  const names = ['-subj', '/CN=kafka', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  execFileSync('openssl', [...kind, ...names, '-keyout', key, '-out', crt], { stdio: 'ignore' })
  const certificate = readFileSync(crt, 'utf8')
  writeFileSync(join(folder, 'keystore.pem'), `${readFileSync(key, 'utf8')}${certificate}`)
  return certificate
}

async function launch(
  java: (...args: string[]) => ChildProcess,
  settings: string,
  port: number
): Promise<ChildProcess> {
  const child = java(BROKER, settings)
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', chunk => {
      said = (said + chunk).slice(-20_000)
    })
  const isOver = (): boolean => child.exitCode !== null || child.signalCode !== null
  await waitFor(async () => isOver() || (await listens(port)), { what: 'Kafka listens', timeoutMs: START_MS })
  if (isOver()) throw new Error(`Kafka ended: ${said}`)
  return child
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

interface NodeSettings extends Pick<KafkaNodeSettings, 'folder' | 'id' | 'port' | 'controller'> {
  readonly sasl: boolean
  readonly tls: boolean
}

const settingsOf = ({ sasl, tls, ...at }: NodeSettings): string =>
  nodeSettings({
    ...at,
    protocol: protocolOf(sasl, tls),
    more: [
      'log.cleaner.min.compaction.lag.ms=604800000',
      ...(sasl ? [SCRAM] : []),
      ...(tls ? [tlsOf(at.folder)] : [])
    ]
  })

const SCRAM = `sasl.enabled.mechanisms=SCRAM-SHA-512
sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512
listener.name.client.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username="meridian" password="staple-battery";`

const tlsOf = (folder: string): string => `ssl.keystore.type=PEM
ssl.keystore.location=${folder}/keystore.pem
ssl.truststore.type=PEM
ssl.truststore.location=${folder}/tls.crt`
