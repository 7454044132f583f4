import { AppError } from '@meridian/errors'
import { DiscardPolicy, RetentionPolicy, StorageType, type StreamConfig } from '@nats-io/jetstream'
import type { Broker } from './broker.ts'
import type { EnsuredStream } from './ensure-streams.ts'
import { askJetStream } from './jetstream.ts'
import { differs } from './stream-config.ts'
import { streamInfo } from './stream-info.ts'
import { STREAM_CHANGE_TIMEOUT_MS } from './timing.ts'

/**
 * The account of devices that speak MQTT, in which nats-server keeps what MQTT asks it to keep. Who makes streams asks its
 * JetStream as that of a domain of this name, which nats.conf imports [docs/adr/0025-account-of-devices.md].
 */
export const DEVICE_ACCOUNT = 'DEVICES'

/** What each server may store in that account, in MiB: more than its streams below may, so that it is never full. */
export const DEVICE_STORE_MIB = 64

const MIB = 1024 * 1024

/** A stream that nats-server makes without a limit unless it is there [nats-server/server/mqtt.go, mqttCreateAccountSessionManager]. */
interface DeviceStream {
  readonly name: string
  /** Those that the server gives it; undefined: they depend on the server, which makes it. */
  readonly subjects?: string
  readonly limits: {
    readonly max_bytes: number
    readonly discard: DiscardPolicy
    readonly discard_new_per_subject?: true
  }
}

const rows: readonly DeviceStream[] = [
  // What devices send retained, a message of each topic. Nobody here hears it. A server lists the topics in its memory, those
  // of dropped messages too, so a full one refuses.
  {
    name: '$MQTT_rmsgs',
    subjects: '$MQTT.rmsgs.>',
    limits: { max_bytes: 32 * MIB, discard: DiscardPolicy.New }
  },
  // Messages of QoS 2 until the device releases them.
  {
    name: '$MQTT_qos2in',
    subjects: '$MQTT.qos2.in.>',
    limits: { max_bytes: 16 * MIB, discard: DiscardPolicy.New, discard_new_per_subject: true }
  },
  // Sessions, some 250 bytes each. A device that finds its own dropped has a new one.
  { name: '$MQTT_sess', limits: { max_bytes: 8 * MIB, discard: DiscardPolicy.Old } }
]

const TRAITS = { storage: StorageType.File, retention: RetentionPolicy.Limits, max_msgs_per_subject: 1 }

/** What is asked of JetStream to make them and give them their limits, as subjects of the account of devices. */
export const deviceStreamApi: readonly string[] = rows.flatMap(({ name, subjects }) =>
  ['INFO', 'UPDATE', ...(subjects === undefined ? [] : ['CREATE'])].map(
    what => `$JS.API.STREAM.${what}.${name}`
  )
)

/** The subject on which the account of the site asks what is `subject` in that of devices. */
export const askedOfDevices = (subject: string): string =>
  subject.replace(/^\$JS\.API\./, `$$JS.${DEVICE_ACCOUNT}.API.`)

const AT_DEVICES = { domain: DEVICE_ACCOUNT, timeoutMs: STREAM_CHANGE_TIMEOUT_MS }

/**
 * Makes the streams of devices, or gives those that the server has made their limits; may be run again. Sessions have theirs
 * only once a device has connected. Throws as `askJetStream` does, BRK_NO_RESPONDERS where the broker takes no devices.
 */
export async function ensureDeviceStreams(
  broker: Broker,
  replicas: 1 | 3
): Promise<readonly Pick<EnsuredStream, 'name' | 'outcome'>[]> {
  const done: Pick<EnsuredStream, 'name' | 'outcome'>[] = []
  for (const row of rows) {
    const outcome = await ensureDeviceStream(broker, row, replicas)
    if (outcome !== undefined) done.push({ name: row.name, outcome })
  }
  return done
}

async function ensureDeviceStream(
  broker: Broker,
  { name, subjects, limits }: DeviceStream,
  replicas: 1 | 3
): Promise<EnsuredStream['outcome'] | undefined> {
  const wanted = { name, ...limits }
  const present = await presentConfig(broker, name)
  if (present === undefined) {
    if (subjects === undefined) return undefined
    const config = { ...TRAITS, ...wanted, subjects: [subjects], num_replicas: replicas }
    await askJetStream(broker, manager => manager.streams.add(config), AT_DEVICES)
    return 'created'
  }
  if (!differs(wanted, present)) return 'unchanged'
  await askJetStream(broker, manager => manager.streams.update(name, wanted), AT_DEVICES)
  return 'updated'
}

async function presentConfig(broker: Broker, name: string): Promise<StreamConfig | undefined> {
  try {
    return (await streamInfo(broker, name, AT_DEVICES)).config
  } catch (error) {
    if (error instanceof AppError && error.code === 'BRK_NO_STREAM') return undefined
    throw error
  }
}
