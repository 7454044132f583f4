import { type Broker, createPublisher } from '@meridian/broker'
import type { Client } from '@meridian/client'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { createHistory, createTestLog, type History, waitFor } from '@meridian/testing'

/** Everything is started again within seconds; only a failure takes as long. */
export const WAIT_MS = 90_000

/** Samples under way: what was sent and what came. */
export interface SampleLoad {
  readonly history: History
  /** What the client was told instead of `resumed`: that it may have lost something. */
  readonly gaps: readonly string[]
  received(): number
  /** Sends no more, and resolves when the client has what it must get. */
  stop(): Promise<void>
}

/** Commands that were sent, and what became of them. */
export interface CommandLoad {
  /** Ids that a commander has accepted: each is on the record and must come to an end. */
  readonly accepted: ReadonlySet<string>
  /** How often the device executed each id. */
  readonly executions: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** The site of `--profile small`. */
const SITE = 'small'
const TOPICS = 10
const write = createFieldsWriter([])
const sampleOf = (n: number): Uint8Array =>
  encodeSample({
    sndStamp: n,
    rcvStamp: n,
    seqNum: n,
    origin: 1,
    identity: 'Stored',
    revCode: '',
    fields: write({ n }),
    uncatalogued: true
  })

/**
 * Samples of ten topics from a publisher, which stores each of them once and in order; the client wants them
 * all.
 */
export function startStored(broker: Broker, client: Client): SampleLoad {
  const history = createHistory()
  const gaps: string[] = []
  let received = 0
  const subscription = client.subscribe([{ pattern: `evt.${SITE}.Stored.0.>`, quality: 'all' }], {
    onData({ subject, fields }) {
      received++
      history.received(subject, String(fields['n']))
    },
    onLive: () => begin(),
    onOutcome(outcome) {
      if (outcome.kind !== 'resumed') gaps.push(JSON.stringify(outcome))
    }
  })
  const publisher = createPublisher(broker, { log: createTestLog() })
  let n = 0
  const publish = (): void => {
    for (let topic = 0; topic < TOPICS; topic++) {
      const subject = `evt.${SITE}.Stored.0.topic${topic}`
      history.published(subject, String(n))
      publisher.publish({ subject, data: sampleOf(n), id: `${topic}:${n}`, kind: 'event' })
    }
    n++
  }
  // Not before the client listens: of what was published earlier it is owed the last value alone.
  let timer: NodeJS.Timeout | undefined
  const begin = (): void => {
    timer ??= setInterval(publish, 25)
  }
  return {
    history,
    gaps,
    received: () => received,
    async stop() {
      clearInterval(timer)
      await publisher.flush(WAIT_MS)
      publisher.stop()
      // What was told to be lost need not come.
      await waitFor(() => gaps.length > 0 || received >= history.report().published, {
        what: 'every stored sample',
        timeoutMs: WAIT_MS
      }).catch((err: Error) => {
        const { lost } = history.report()
        throw new Error(`${err.message}: ${lost.length} are missing, as ${lost.slice(0, 5).join(', ')}`)
      })
      subscription.close()
    }
  }
}

/**
 * A device that says its samples once and keeps nothing: some are lost with the process that heard them,
 * never the order nor the last.
 */
export function startDevice(broker: Broker, client: Client): SampleLoad {
  const history = createHistory()
  let last = ''
  let received = 0
  const subscription = client.subscribe([{ pattern: `evt.${SITE}.Device.0.step`, quality: 'all' }], {
    onData({ subject, fields }) {
      received++
      last = String(fields['n'])
      history.received(subject, last)
    }
  })
  let n = 0
  const say = (): void => {
    broker.publish(`raw.${SITE}.Device.0.hb`, '')
    history.published(`evt.${SITE}.Device.0.step`, String(n))
    broker.publish(`raw.${SITE}.Device.0.evt.step`, JSON.stringify({ n: n++ }))
  }
  const timer = setInterval(say, 100)
  return {
    history,
    gaps: [],
    received: () => received,
    async stop() {
      clearInterval(timer)
      say()
      await waitFor(() => last === String(n - 1), { what: "the device's last sample", timeoutMs: WAIT_MS })
      subscription.close()
    }
  }
}

/**
 * A command to the device every quarter of a second, whatever becomes of it; the device counts how often it
 * executes each.
 */
export function startCommands(broker: Broker, client: Client): CommandLoad {
  const accepted = new Set<string>()
  const executions = new Map<string, number>()
  const answers: Promise<unknown>[] = []
  broker.subscribe(`exec.${SITE}.Device.0.*`, message => {
    const { id } = JSON.parse(message.text()) as { id: string }
    executions.set(id, (executions.get(id) ?? 0) + 1)
    message.respond(JSON.stringify({ ack: 303 }))
  })
  const ask = (): void => {
    const handle = client.command({ csc: 'Device', index: 0, command: 'step', params: {} })
    const answer = handle.accepted.then(
      () => accepted.add(handle.id),
      () => undefined
    )
    answers.push(answer)
  }
  const timer = setInterval(ask, 250)
  return {
    accepted,
    executions,
    async stop() {
      clearInterval(timer)
      await Promise.all(answers)
    }
  }
}
