import { setTimeout as sleep } from 'node:timers/promises'
import { type Broker, lastValues } from '../src/index.ts'

// The streams as the version before SCRIPT took the script-keyed topics made them: 200 events of a subject on
// a laptop, and `evt.<site>.ScriptQueue.<queue>.<topic>.<scriptIndex>` in EVT.

const DAY = 86_400e9
const MIB = 1024 * 1024
const common = {
  retention: 'limits',
  storage: 'file',
  num_replicas: 1,
  discard: 'old',
  max_age: 0,
  max_msgs_per_subject: -1,
  duplicate_window: 600e9,
  allow_direct: true,
  metadata: { epoch: 'old-epoch' }
}

const oldStreams = [
  {
    ...common,
    name: 'TEL',
    description: 'telemetry and heartbeats',
    subjects: ['tel.summit.>', 'hb.summit.>'],
    max_bytes: 1024 * MIB,
    max_age: DAY / 24,
    duplicate_window: 120e9
  },
  {
    ...common,
    name: 'EVT',
    description: 'events, the last ones of each subject without an age',
    subjects: ['evt.summit.>'],
    max_bytes: 512 * MIB,
    max_msgs_per_subject: 200
  },
  {
    ...common,
    name: 'SCRIPT',
    description: 'events of script runs',
    subjects: ['script.summit.>'],
    max_bytes: 128 * MIB,
    max_age: DAY
  }
]

/** Removes the streams that are there and makes those of the earlier version, empty. */
export async function makeOldStore(broker: Broker): Promise<void> {
  for (const config of oldStreams) while (!(await isMadeAnew(broker, config))) await sleep(5)
}

/**
 * A busy server may refuse to delete a stream, and one that has just deleted the account's last file stream
 * may refuse the next one for some milliseconds.
 */
async function isMadeAnew(broker: Broker, config: { readonly name: string }): Promise<boolean> {
  await call(broker, `STREAM.DELETE.${config.name}`)
  const { state } = await call(broker, `STREAM.CREATE.${config.name}`, config)
  return (state as { messages: number } | undefined)?.messages === 0
}

/** Asks JetStream as the earlier version did, without the client library. */
export async function call(broker: Broker, name: string, body?: object): Promise<Record<string, unknown>> {
  const payload = body === undefined ? '' : JSON.stringify(body)
  return JSON.parse((await broker.request(`$JS.API.${name}`, payload, { timeoutMs: 5_000 })).text())
}

/** An old name of the script queue, which has had its keyed topics among the events. */
export const queue = (tokens: string): string => `evt.summit.ScriptQueue.${tokens}`

/** The last values that a stream has, by subject. */
export async function lastOf(broker: Broker, stream: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {}
  for await (const { subject, data } of lastValues(broker, { stream, subjects: [] }))
    found[subject] = Buffer.from(data).toString()
  return found
}
