import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Broker, type BrokerMessage, readStream } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import type { WireError } from '@meridian/errors'
import {
  type AckRecord,
  type CommandAccepted,
  type ExecReply,
  isTerminal,
  parseAckRecord,
  parseCommandAnswer,
  parseExecRequest,
  type ReadExecRequest
} from '@meridian/protocol/commands'
import { encodeSample } from '@meridian/sample'
import { ackByIdOf, commandOf, execOf, heartbeatOf } from '@meridian/subjects'
import { type ServiceProcess, startService, type TestNats, waitFor } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'
import type { Test } from 'tap'
import { ulid } from 'ulid'

export const SITE = 'summit'
const serviceFolder = fileURLToPath(new URL('..', import.meta.url))

/** Starts a commander and waits until it is ready. */
export const startCommander = (nats: TestNats, env: Record<string, string> = {}): Promise<ServiceProcess> =>
  startService(serviceFolder, { NATS_URL: nats.url, SITE, LOG_LEVEL: 'debug', ...env })

/** How a component answers: calls `reply` as often as it likes. */
export type Behaviour = (request: ReadExecRequest, reply: (ack: ExecReply) => void) => void

/** A component on NATS that beats and counts how often it was told each id. */
export interface TestComponent {
  readonly executions: Map<string, number>
  readonly order: string[]
  /** Stops beating; it still executes. */
  silence(): void
  stop(): void
}

/** Starts a component; without behaviour it beats but serves no exec subject. */
export function startComponent(
  broker: Broker,
  csc: string,
  index: number,
  behaviour?: Behaviour
): TestComponent {
  const target = { site: SITE, csc, index }
  const executions = new Map<string, number>()
  const order: string[] = []
  const beat = (): void => broker.publish(heartbeatOf(target), heartbeatOfNow(csc))
  beat()
  const timer = setInterval(beat, 1_000)
  const subscription =
    behaviour &&
    broker.subscribe(`${execOf(target, 'x').slice(0, -1)}*`, message => {
      const request = parseExecRequest(message)
      executions.set(request.id, (executions.get(request.id) ?? 0) + 1)
      order.push(request.command)
      behaviour(request, ack => message.respond(JSON.stringify(ack)))
    })
  return {
    executions,
    order,
    silence: () => clearInterval(timer),
    stop() {
      clearInterval(timer)
      subscription?.unsubscribe()
    }
  }
}

function heartbeatOfNow(identity: string): Uint8Array {
  const now = taiSecondsOf(Date.now())
  const fields = Uint8Array.of(0x80)
  return encodeSample({
    sndStamp: now,
    rcvStamp: now,
    seqNum: 1,
    origin: 1,
    identity,
    revCode: '',
    fields,
    uncatalogued: false
  })
}

export const newId = (): string => ulid().toLowerCase()

/** What a request on `cmd.` is answered with. */
export type Answer = Partial<CommandAccepted> & { readonly error?: WireError }

/** Asks for a command and returns the first answer. */
export async function ask(
  broker: Broker,
  { csc, index = 0, command }: { csc: string; index?: number; command: string },
  payload: object | string = {}
): Promise<Answer> {
  const data = typeof payload === 'string' ? payload : JSON.stringify(payload)
  const answer = await broker.request(commandOf({ site: SITE, csc, index }, command), data, {
    timeoutMs: 8_000
  })
  return parseCommandAnswer(answer.data)
}

/** All stages of a command in the record. */
export async function stagesOf(broker: Broker, id: string): Promise<AckRecord[]> {
  const stages: AckRecord[] = []
  const bounds = { from: { seq: 1 }, maxMessages: 1_000, maxBytes: 10_000_000, timeoutMs: 5_000 }
  for await (const message of readStream(broker, {
    stream: 'COMMANDS',
    subjects: [ackByIdOf(SITE, id)],
    ...bounds
  }))
    stages.push(parseAckRecord(message))
  return stages
}

/** Waits until the record of a command has its end; returns all stages. */
export function stagesToEnd(broker: Broker, id: string, timeoutMs = 60_000): Promise<AckRecord[]> {
  return waitFor(
    async () => {
      const stages = await stagesOf(broker, id)
      const last = stages.at(-1)
      return last !== undefined && isTerminal(last.state) ? stages : undefined
    },
    { what: `end of ${id}`, timeoutMs, everyMs: 30 }
  )
}

/** Everything that arrives on a reply subject of one request, as `nats req --replies 0` shows it. */
export function askForAll(
  broker: Broker,
  csc: string,
  command: string,
  payload: object
): { messages: unknown[] } {
  const messages: unknown[] = []
  const reply = broker.inbox()
  broker.subscribe(reply, (message: BrokerMessage) =>
    messages.push(message.data.length === 0 ? 'no more' : JSON.parse(message.text()))
  )
  broker.publish(commandOf({ site: SITE, csc, index: 0 }, command), JSON.stringify(payload), { reply })
  return { messages }
}

/**
 * Components of several partitions; each answers after some milliseconds, or after `azimuth` ms where that is
 * 1000 and more.
 */
export interface Fleet {
  readonly cscs: readonly string[]
  executionsOf(id: string): number
  /** Resolves when each of them can be commanded. */
  heard(): Promise<void>
  /** Asks again under the same id until a commander has answered, as a client does. */
  askUntilAccepted(csc: string, id: string): Promise<void>
  stop(): void
}

/** Starts six components of different partitions; `heard` says when they can be commanded. */
function startFleet(broker: Broker): Fleet {
  const cscs = ['MTMount', 'ATMCS', 'MTRotator', 'MTDome', 'ATDome', 'MTPtg']
  const components = cscs.map(csc =>
    startComponent(broker, csc, 0, ({ params }, reply) => {
      const ms = Number(params['azimuth'] ?? 0)
      if (ms >= 1_000) reply({ ack: 301, timeout: 20 })
      setTimeout(() => reply({ ack: 303, result: 'Done' }), ms >= 1_000 ? ms : 5 + Math.random() * 30)
    })
  )
  return {
    cscs,
    executionsOf: id => components.reduce((sum, { executions }) => sum + (executions.get(id) ?? 0), 0),
    async heard() {
      for (const csc of cscs)
        await waitFor(async () => (await ask(broker, { csc, command: 'disable' })).state === 'accepted', {
          what: `${csc} is heard`
        })
    },
    async askUntilAccepted(csc, id) {
      for (;;) {
        const answer: Answer = await ask(broker, { csc, command: 'disable' }, { id }).catch(() => ({}))
        if (answer.state === 'accepted') return
        if (answer.error !== undefined && !answer.error.canRetry) throw new Error(answer.error.message)
        await sleep(20)
      }
    },
    stop() {
      for (const component of components) component.stop()
    }
  }
}

/** Two commanders at a time. */
export interface Pair {
  /** The commander that dispatched a command, and the name of the other one. */
  ownerOf(id: string): Promise<{ owner: ServiceProcess; otherName: string }>
  any(): ServiceProcess
  /** Starts others for those that have ended. */
  refill(more?: Record<string, string>): Promise<void>
  stop(): Promise<void>
}

/** Starts two commanders and waits until both are ready; `env` goes to each. */
async function startPair(broker: Broker, nats: TestNats, env: Record<string, string>): Promise<Pair> {
  const running = new Map<string, ServiceProcess>()
  let started = 0
  const start = async (more = {}): Promise<void> => {
    const name = `commander-${++started}`
    const commander = await startCommander(nats, { ...env, ...more, NAME: name })
    running.set(name, commander)
    void commander.gone.then(() => running.delete(name))
  }
  await Promise.all([start(), start()])
  return {
    async ownerOf(id) {
      const dispatching = await waitFor(async () => (await stagesOf(broker, id)).at(0), {
        what: `dispatch of ${id}`
      })
      const owner = running.get(dispatching.commander)
      const otherName = [...running.keys()].find(name => name !== dispatching.commander)
      if (owner === undefined || otherName === undefined) throw new Error('a commander is missing')
      return { owner, otherName }
    },
    any() {
      const [one] = running.values()
      if (one === undefined) throw new Error('no commander runs')
      return one
    },
    async refill(more) {
      while (running.size < 2) await start(more)
    },
    async stop() {
      await Promise.all([...running.values()].map(one => one.stop()))
    }
  }
}

/** A site with a fleet that the commanders hear, and two commanders with the settings `env`; it ends with the test. */
export async function startCommandedSite(t: Test, env: Record<string, string>) {
  const { nats, broker, stop } = await startTestSite()
  t.teardown(stop)
  const fleet = startFleet(broker)
  t.teardown(() => fleet.stop())
  const pair = await startPair(broker, nats, env)
  t.teardown(() => pair.stop())
  await fleet.heard()
  return { nats, broker, pair, ...fleet }
}
