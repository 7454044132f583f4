import { type Broker, createPublisher } from '@meridian/broker'
import type { Client, Outcome } from '@meridian/client'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { eventOf, execOf, rawEventOf, rawHeartbeatOf } from '@meridian/subjects'
import { createHistory, createTestLog, type History, waitFor } from '@meridian/testing'

/** Everything is started again within seconds; only a failure takes as long. */
export const WAIT_MS = 90_000

/** Samples under way: what was sent and what came. */
export interface SampleLoad {
  readonly history: History
  /** What the client was told instead of `resumed`: that it may have lost something. */
  readonly gaps: readonly string[]
  received(): number
  /** Sends no more, whatever is still to come. */
  halt(): void
  /** Sends no more, and resolves when the client has what it must get. */
  stop(): Promise<void>
}

/** Commands that were sent, and what became of them. */
export interface CommandLoad {
  /** Asks for no more, and resolves when each command has come to its end. */
  pause(): Promise<void>
  resume(): void
  /** Asks for no more, whatever becomes of those that were. */
  halt(): void
  /** Ids that a commander has accepted: each is on the record and must come to an end. */
  readonly accepted: ReadonlySet<string>
  /** How often the device executed each id. */
  readonly executions: ReadonlyMap<string, number>
  stop(): Promise<void>
}

/** A load on the broker of a site, seen by one client. */
export interface LoadParts {
  readonly broker: Broker
  readonly client: Client
  readonly site: string
}

const TOPICS = 10
const deviceOf = (site: string) => ({ site, csc: 'Device', index: 0 })
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
export function startStored({ broker, client, site }: LoadParts): SampleLoad {
  const subjectAt = (at: number): string => eventOf({ site, csc: 'Stored', index: 0, topic: `topic${at}` })
  const history = createHistory()
  const gaps: string[] = []
  let received = 0
  const subscription = client.subscribe(
    Array.from({ length: TOPICS }, (_, at) => ({ pattern: subjectAt(at), quality: 'all' as const })),
    {
      onData({ subject, fields }) {
        received++
        history.received(subject, String(fields['n']))
      },
      onLive: () => begin(),
      onOutcome(outcome) {
        if (outcome.kind !== 'resumed') gaps.push(JSON.stringify(outcome))
        noteBeginning(history, outcome)
      }
    }
  )
  const publisher = createPublisher(broker, { log: createTestLog() })
  let n = 0
  const publish = (): void => {
    for (let topic = 0; topic < TOPICS; topic++) {
      const subject = subjectAt(topic)
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
    halt: () => clearInterval(timer),
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

// Behind both come last values, of which the receiver may have some already.
function noteBeginning(history: History, { kind }: Outcome): void {
  if (kind === 'reset' || kind === 'snapshot') history.beganAnew(kind)
}

/**
 * A device that says its samples once and keeps nothing: some are lost with the process that heard them,
 * never the order nor the last. It says the next one when its server has taken the one before: what a frozen
 * server still holds when its connection is given up may come late, after what was said on the next connection.
 */
export function startDevice({ broker, client, site }: LoadParts): SampleLoad {
  const step = { ...deviceOf(site), topic: 'step' }
  const subject = eventOf(step)
  const history = createHistory()
  const givenUp = new Set<string>()
  let last = ''
  let received = 0
  const subscription = client.subscribe([{ pattern: subject, quality: 'all' }], {
    onData({ fields }) {
      received++
      last = String(fields['n'])
      if (!givenUp.has(last)) history.received(subject, last)
    },
    onOutcome: outcome => noteBeginning(history, outcome)
  })
  let n = 0
  let saying = Promise.resolve()
  let isSaying = false
  const say = async (): Promise<void> => {
    const id = String(n++)
    broker.publish(rawHeartbeatOf(deviceOf(site)), '')
    history.published(subject, id)
    broker.publish(rawEventOf(step), JSON.stringify({ n: Number(id) }))
    isSaying = true
    await broker.flush().catch(() => givenUp.add(id))
    isSaying = false
  }
  const timer = setInterval(() => {
    if (!isSaying) saying = say()
  }, 100)
  return {
    history,
    gaps: [],
    received: () => received,
    halt: () => clearInterval(timer),
    async stop() {
      clearInterval(timer)
      await saying
      await say()
      await waitFor(() => last === String(n - 1), { what: "the device's last sample", timeoutMs: WAIT_MS })
      subscription.close()
    }
  }
}

/**
 * A command to the device every quarter of a second, whatever becomes of it; the device counts how often it
 * executes each.
 */
export function startCommands({ broker, client, site }: LoadParts): CommandLoad {
  const accepted = new Set<string>()
  const executions = new Map<string, number>()
  const answers: Promise<unknown>[] = []
  const ends = new Set<Promise<unknown>>()
  broker.subscribe(`${execOf(deviceOf(site), 'x').slice(0, -1)}*`, message => {
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
    const end = handle.done.catch(() => undefined).finally(() => ends.delete(end))
    ends.add(end)
  }
  let timer = setInterval(ask, 250)
  return {
    accepted,
    executions,
    async pause() {
      clearInterval(timer)
      await Promise.all([...answers, ...ends])
    },
    halt: () => clearInterval(timer),
    resume() {
      clearInterval(timer)
      timer = setInterval(ask, 250)
    },
    async stop() {
      clearInterval(timer)
      await Promise.all(answers)
    }
  }
}
