// How a broker of Kafka is run from its jars: by tests, and by `npm start`.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The version that is run where none is named. */
export const KAFKA_VERSION = '4.3.1'
/** What formats the folder of a log; `-t` takes the id of a cluster. */
export const STORAGE_TOOL = 'kafka.tools.StorageTool'
/** The broker. */
export const BROKER = 'kafka.Kafka'
/** Id of every cluster of ours. */
export const CLUSTER = 'bWVyaWRpYW4tdGVzdHMtMQ'

const JAVA = [
  '-Xms64m',
  '-Xmx384m',
  '-XX:+UseSerialGC',
  '-XX:TieredStopAtLevel=1',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'
]

/** The command line of `java` before the name of the class, with the jars of a folder. */
export const javaArguments = (jars: string): readonly string[] => [
  ...JAVA,
  '-cp',
  readdirSync(jars)
    .map(name => join(jars, name))
    .join(':')
]

/** Why there is no broker in a folder of jars that could be run; undefined where there is one. */
export function whyNoKafkaIn(jars: string): string | undefined {
  if (!existsSync(jars)) return 'its jars are not there: pnpm kafka'
  return spawnSync('java', ['-version']).error === undefined ? undefined : 'there is no java'
}

/** A node of a cluster in KRaft mode on loopback, without SASL and TLS where it is not said. */
export interface KafkaNodeSettings {
  /** Where its log is. */
  readonly folder: string
  readonly id: number
  readonly port: number
  /** Port of the controller, which is node 1. */
  readonly controller: number
  /** Of its listener for clients. */
  readonly protocol?: 'PLAINTEXT' | 'SASL_PLAINTEXT' | 'SSL' | 'SASL_SSL'
  /** Further lines. */
  readonly more?: readonly string[]
}

/** The settings of a node: quick to come back after a kill, and as the summit has it where that changes what a reader meets. */
export const nodeSettings = (at: KafkaNodeSettings): string => `
process.roles=${at.id === 1 ? 'broker,controller' : 'broker'}
node.id=${at.id}
controller.quorum.voters=1@127.0.0.1:${at.controller}
listeners=CLIENT://127.0.0.1:${at.port}${at.id === 1 ? `,CONTROLLER://127.0.0.1:${at.controller}` : ''}
advertised.listeners=CLIENT://127.0.0.1:${at.port}
listener.security.protocol.map=CLIENT:${at.protocol ?? 'PLAINTEXT'},CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
controller.listener.names=CONTROLLER
log.dirs=${at.folder}/log-${at.id}
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
controller.quorum.election.timeout.ms=200
group.initial.rebalance.delay.ms=0
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
auto.create.topics.enable=false
message.max.bytes=10485760
replica.fetch.max.bytes=10485760
log.message.timestamp.type=LogAppendTime
${(at.more ?? []).join('\n')}
`
