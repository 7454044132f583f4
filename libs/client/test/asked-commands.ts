import type { AckRecord, CommandAccepted, CommandState } from '@meridian/protocol/commands'
import type { ServerRecord, StreamOutcome } from '@meridian/protocol/live'
import { waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import { type CommandHandlers, createClient } from '../src/index.ts'
import { startScriptedServer, type Visitor } from './scripted-server.ts'

export const MOVE = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 10 } } as const

export async function setUp(t: Test) {
  const server = await startScriptedServer()
  t.teardown(() => server.stop())
  const client = createClient({ url: server.url, backoff: { baseMs: 1, capMs: 5 } })
  t.teardown(() => client.close())
  return { server, client }
}

export const until = (predicate: () => boolean): Promise<unknown> =>
  waitFor(predicate, { what: String(predicate), timeoutMs: 15_000, everyMs: 2 })

export const ANOTHER_ID = '01jd3xkq7m5v8w2n4p6r9t0abc'

export const ackSubject = (id: string): string => `ack.summit.MTMount.0.${id}`

export const acceptedOf = (id: string): CommandAccepted => ({
  id,
  state: 'accepted',
  acceptedAt: 1,
  notAfter: 11,
  ackSubject: ackSubject(id),
  duplicate: false
})

export const stage = (id: string, seq: number, state: Exclude<CommandState, 'accepted'>): ServerRecord => {
  const fields: AckRecord = {
    id,
    csc: 'MTMount',
    index: 0,
    command: 'moveToTarget',
    state,
    time: seq,
    commander: 'c',
    boot: 'b'
  }
  return [1, seq, seq, { ...fields }]
}

/** Answers the subscription to the stages and takes the command. */
export async function takeCommand(gateway: Visitor, topic = 1) {
  const { id, patterns } = await gateway.next('subscribe')
  gateway.say({ op: 'subscribed', id, topics: 0, refused: [] }, { op: 'live', id, cursor: 'c1' })
  const command = await gateway.next('command')
  gateway.say({ op: 'topics', topics: [[topic, ackSubject(command.id)]] })
  return { command, patterns, subscription: id }
}

/** A move that the first gateway has taken and not yet answered. */
export async function askToMove(t: Test, handlers: CommandHandlers = {}) {
  const { server, client } = await setUp(t)
  const handle = client.command(MOVE, handlers)
  client.connect()
  const gateway = await server.visitor(1)
  return { server, client, handle, gateway, ...(await takeCommand(gateway)) }
}

/** Answers a resumption: what became of the record of commands, and how many topics the subscription has. */
export async function resume(
  gateway: Visitor,
  subscription: number,
  outcome: StreamOutcome = 'resumed',
  topics = 0
) {
  await gateway.next('resume')
  gateway.say(
    { op: 'resumed', streams: { COMMANDS: outcome } },
    { op: 'subscribed', id: subscription, topics, refused: [] }
  )
}
