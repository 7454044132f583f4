import {
  append,
  type Broker,
  type BrokerSubscription,
  createRarely,
  lastMessage,
  lastValues,
  readStream,
  type StreamMessage,
  streamState
} from '@meridian/broker'
import type { Instance } from '@meridian/catalogue'
import { decodeFields, encodeMsgpack } from '@meridian/msgpack'
import { decodeSample, encodeSample } from '@meridian/sample'
import { eventOf, heartbeatOf, keyToken, patternOf, readSubject, subjectTable } from '@meridian/subjects'
import { type Clock, taiSecondsOf } from '@meridian/time'
import type { Logger } from 'pino'
import { type HeartbeatMonitor, silentMsOf } from './heartbeat-monitor.ts'
import { createLiveness, type Liveness, type LivenessChange } from './liveness.ts'
import type { SelfContainedPart } from './watch-heartbeats.ts'

/** What was heard, and where changes go to; `name` is the identity of the events. */
export interface RecordLivenessOptions {
  readonly broker: Broker
  readonly site: string
  readonly name: string
  readonly clock: Clock
  readonly log: Logger
  readonly heartbeats: HeartbeatMonitor
}

const JUDGE_EVERY_MS = 1_000
const READ_MS = 5_000
const TEL = subjectTable.hb.stream
const EVT = subjectTable.evt.stream

/**
 * The part that records which instances fell silent and which are alive again, as events
 * `evt.<site>.Liveness.0.component.<key>` with `component`, `index`, `alive` and `heartbeat`. Every commander
 * does; the message id names the heartbeat that the change is about, so that the stream keeps it once
 * [adr/0012]. What cannot be judged or stored is tried again at the next judgement. Start it after the
 * heartbeats.
 */
export function recordLiveness(options: RecordLivenessOptions): SelfContainedPart {
  const { broker, site, clock, log, heartbeats } = options
  const liveness = createLiveness(heartbeats, clock.steadyMs)
  const rarely = createRarely()
  let subscriptions: readonly BrokerSubscription[] = []
  let timer: NodeJS.Timeout | undefined
  let isRecording = false

  async function recordChange(change: LivenessChange): Promise<void> {
    try {
      if (await record(options, change)) liveness.recorded(change, change.alive)
    } catch (err) {
      log.debug({ err, ...change }, 'liveness not recorded, trying again')
    }
  }

  async function recordChanges(): Promise<void> {
    if (isRecording) return
    isRecording = true
    try {
      for (const change of liveness.judge()) await recordChange(change)
    } catch (err) {
      rarely('judgement', () => log.error({ err }, 'liveness not judged, trying again'))
    } finally {
      isRecording = false
    }
  }

  return {
    name: 'the record of liveness',
    async start() {
      subscriptions = livenessSubjects(site).map(subject =>
        broker.subscribe(subject, ({ subject: at, data }) => observe(liveness, at, data))
      )
      await readPast(options, liveness)
      timer = setInterval(() => void recordChanges(), JUDGE_EVERY_MS)
    },
    stop() {
      clearInterval(timer)
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
  }
}

/** What producers carry, and the changes recorded. */
const livenessSubjects = (site: string): readonly string[] => [
  patternOf('evt', { site, csc: 'Producer', topic: 'carries' }),
  `${eventOf({ site, csc: 'Liveness', index: 0, topic: 'component' })}.*`
]

/** Reads what the stream says of the time before. */
async function readPast({ broker, site, log }: RecordLivenessOptions, liveness: Liveness): Promise<void> {
  const last = { stream: EVT, subjects: livenessSubjects(site), timeoutMs: READ_MS }
  try {
    for await (const { subject, data } of lastValues(broker, last)) observe(liveness, subject, data)
  } catch (err) {
    log.warn({ err }, 'what was recorded before is not known; all count as alive until they are judged')
  }
}

/** What a producer carries, or a change that some commander recorded. Junk changes nothing. */
function observe(liveness: Liveness, subject: string, data: Uint8Array): void {
  const at = readSubject(subject)
  if (at?.class !== 'evt') return
  const { instances, others, component, index, alive } = fieldsOf(data)
  if (at.csc === 'Producer' && Array.isArray(instances))
    liveness.carries(at.index, { instances, others: others === true })
  if (at.csc !== 'Liveness') return
  if (typeof component === 'string' && typeof index === 'number' && typeof alive === 'boolean')
    liveness.recorded({ csc: component, index }, alive)
}

function fieldsOf(data: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    return decodeFields(decodeSample(data).fields)
  } catch {
    return {}
  }
}

/**
 * Stores one change, unless the record says so already; false where it must be judged again, for the
 * heartbeat is in the stream and was not heard here.
 */
async function record(options: RecordLivenessOptions, change: LivenessChange): Promise<boolean> {
  const { broker, site, log } = options
  const { csc, index, alive } = change
  const key = keyToken([csc, index])
  const subject = eventOf({ site, csc: 'Liveness', index: 0, topic: 'component', key })
  const before = await lastMessage(broker, EVT, subject)
  if (before !== undefined && fieldsOf(before.data)['alive'] === alive) return true
  const heartbeat = alive
    ? await firstSince(options, change, before?.timeUs)
    : await lastBefore(options, change)
  if (heartbeat === 'judge again') return false
  if (heartbeat === undefined) return true
  const id = `liveness:${csc}:${index}:${heartbeat.seq}:${alive ? 'alive' : 'silent'}`
  const data = sampleOf(options, change, taiSecondsOf(heartbeat.timeUs / 1000))
  const { duplicate } = await append(broker, { subject, data, id })
  if (!duplicate) log.info({ csc, index, alive }, 'liveness recorded')
  return true
}

/** The heartbeat that a change is about, as the stream has it. */
type StoredBeat = Pick<StreamMessage, 'seq' | 'timeUs'>

/** The last heartbeat before a silence; undefined where the stream has none any more. */
async function lastBefore(
  { broker, site }: RecordLivenessOptions,
  { csc, index }: Instance
): Promise<StoredBeat | 'judge again' | undefined> {
  const last = await lastMessage(broker, TEL, heartbeatOf({ site, csc, index }))
  if (last === undefined) return undefined
  const { brokerMs } = await streamState(broker, TEL)
  return brokerMs - last.timeUs / 1000 > silentMsOf(csc) ? last : 'judge again'
}

/** The first heartbeat after the silence was recorded: every commander finds the same. */
async function firstSince(
  { broker, site }: RecordLivenessOptions,
  { csc, index }: Instance,
  timeUs: number | undefined
): Promise<StoredBeat | 'judge again' | undefined> {
  if (timeUs === undefined) return undefined
  const after = { stream: TEL, subjects: [heartbeatOf({ site, csc, index })], from: { timeUs } }
  const bounds = { maxMessages: 1, maxBytes: 1_048_576, timeoutMs: READ_MS }
  for await (const beat of readStream(broker, { ...after, ...bounds })) return beat
  return 'judge again'
}

/** The event of a change. `heartbeat`, TAI seconds, is when the heartbeat that it is about was received. */
function sampleOf(
  { name, clock }: RecordLivenessOptions,
  { csc, index, alive }: LivenessChange,
  heartbeat: number
): Uint8Array {
  const now = clock.taiSeconds()
  return encodeSample({
    ...{ sndStamp: now, rcvStamp: now, seqNum: 1, origin: process.pid, identity: name, revCode: '' },
    fields: encodeMsgpack({ component: csc, index, alive, heartbeat }),
    uncatalogued: true
  })
}
