import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import {
  BROKER,
  CLUSTER,
  javaArguments,
  KAFKA_VERSION,
  nodeSettings,
  STORAGE_TOOL,
  whyNoKafkaIn
} from '@meridian/testing/kafka-node'
import { startRegistry } from '@meridian/testing/registry'
import { obtainKafka } from '../kafka/obtain.ts'
import { runTool } from '../run-tool.ts'
import { firstFree, freePort } from './ports.ts'
import { say } from './say.ts'
import type { ProcessSpec } from './supervisor.ts'

/** A Kafka to be started, and by what processes and people find it. */
export interface LocalKafka {
  readonly spec: ProcessSpec
  /** `host:port`. */
  readonly broker: string
  /** Of the registry of schemas, which runs in this process. */
  readonly registry: string
}

/** Where clients look by themselves. */
const KAFKA_PORT = 9092
/** An hour of telemetry, in small files; of events the last ones stay. On a busy machine the one broker is not given up. */
const KEPT = [
  'broker.session.timeout.ms=18000',
  'broker.heartbeat.interval.ms=1000',
  'log.retention.ms=3600000',
  'log.retention.check.interval.ms=60000',
  'log.segment.bytes=16777216',
  'log.roll.ms=600000',
  'log.index.size.max.bytes=1048576'
]

/**
 * Obtains Kafka where it is not there, starts a registry of schemas, makes an empty log in the data folder, and says how
 * Kafka is run: what a simulated observatory said before is of no use to one that begins anew. Throws RUN_NO_KAFKA.
 */
export async function localKafka(data: string): Promise<LocalKafka> {
  const jars = await obtain()
  const folder = join(data, 'kafka')
  const port = await firstFree([KAFKA_PORT])
  const settings = join(folder, 'server.properties')
  const java = javaArguments(jars)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  writeFileSync(settings, nodeSettings({ folder, id: 1, port, controller: await freePort(), more: KEPT }))
  await runTool('java', [...java, STORAGE_TOOL, 'format', '-t', CLUSTER, '-c', settings]).catch(refuse)
  const spec: ProcessSpec = {
    name: 'kafka',
    command: 'java',
    args: [...java, BROKER, settings],
    readyUrl: `tcp://127.0.0.1:${port}`,
    stopStage: 3,
    ipc: false,
    isVital: true,
    // Its log is made anew by the next start, and thousands of topics take it longer to close than there is time.
    isDisposable: true
  }
  const { url } = await startRegistry()
  return { spec, broker: `127.0.0.1:${port}`, registry: url }
}

async function obtain(): Promise<string> {
  const jars = await obtainKafka(KAFKA_VERSION, say.step).catch(refuse)
  const why = whyNoKafkaIn(jars)
  if (why !== undefined) throw new AppError('RUN_NO_KAFKA', { detail: why })
  return jars
}

function refuse(cause: unknown): never {
  throw new AppError('RUN_NO_KAFKA', { cause, detail: AppError.from(cause).message })
}
