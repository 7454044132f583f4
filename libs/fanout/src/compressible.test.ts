import { parseServerMessage, type ServerRecord } from '@meridian/protocol/live'
import t from 'tap'
import { createWorld, sample, warmAll } from '../testing/hub-world.ts'
import { type Frame, type Hub, payloadOf, type StoredMessage } from './index.ts'

const TEL = 'tel.summit.MTMount.0.azimuth'
const EVT = 'evt.summit.MTMount.0.summaryState'
const ACK = 'ack.summit.MTMount.0.01jd3xkq7m5v8w2n4p6r9t0abc'

const command = Buffer.from(JSON.stringify({ state: 'accepted', params: { note: 'chosen by somebody' } }))

const stored = (subject: string, seq: number): StoredMessage => ({
  seq,
  timeUs: seq * 1e6,
  subject,
  data: subject === ACK ? command : sample({ x: 1 })
})

/** A hub of three streams, all warm, and what its only client gets. */
function startHub(): {
  readonly hub: Hub
  readonly frames: Frame[]
  subscribe(pattern: string, id: number): void
} {
  const { hub } = createWorld()
  warmAll(hub)
  const frames: Frame[] = []
  const sink = { write: (frame: Frame) => void frames.push(frame), bufferedBytes: () => 0 }
  const client = hub.attach(sink, 'json', { onSlow() {} })
  const subscribe = (pattern: string, id: number): void =>
    void client.subscribe(() => ({ id, patterns: [hub.readPattern({ pattern })], refused: [] }))
  return { hub, frames, subscribe }
}

const recordsOf = (frame: Frame): readonly ServerRecord[] => parseServerMessage(payloadOf(frame).toString())

/** By subject, whether the frame that brought its data may be compressed. */
function compressed(frames: readonly Frame[]): Record<string, boolean> {
  const records = frames.flatMap(frame => recordsOf(frame).map(record => ({ record, frame })))
  const topics = records.flatMap(({ record }) =>
    'op' in record && record.op === 'topics' ? record.topics : []
  )
  const subjects = new Map(topics.map(([id, subject]) => [id, subject]))
  const found: Record<string, boolean> = {}
  for (const { record, frame } of records)
    if (!('op' in record)) found[subjects.get(record[0]) ?? ''] = frame.isCompressible
  return found
}

t.test('live frames of samples may be compressed; a frame with what was said in a command never', async t => {
  const { hub, frames, subscribe } = startHub()
  subscribe('tel.>', 1)
  subscribe('evt.>', 2)
  subscribe('ack.>', 3)
  hub.message('TEL', stored(TEL, 1))
  hub.tick()
  hub.message('EVT', stored(EVT, 1))
  hub.flushNow()
  t.same(compressed(frames), { [TEL]: true, [EVT]: true })
  hub.message('COMMANDS', stored(ACK, 1))
  hub.flushNow()
  t.same(compressed(frames), { [TEL]: true, [EVT]: true, [ACK]: false })
  frames.length = 0
  hub.message('EVT', stored(EVT, 2))
  hub.message('COMMANDS', stored(ACK, 2))
  hub.flushNow()
  t.equal(frames.length, 1)
  t.equal(frames[0]?.isCompressible, false, 'also where an event is in the same frame')
})

t.test('last values come in frames apart: samples may be compressed, commands and answers never', async t => {
  const { hub, frames, subscribe } = startHub()
  hub.message('TEL', stored(TEL, 1))
  hub.message('COMMANDS', stored(ACK, 1))
  subscribe('>', 1)
  t.same(compressed(frames), { [TEL]: true, [ACK]: false })
  const ops = frames.map(frame => recordsOf(frame).map(record => ('op' in record ? record.op : 'data')))
  t.same(ops, [
    ['subscribed', 'topics', 'data'],
    ['data', 'live']
  ])
  frames.length = 0
  hub.broadcast({ op: 'pong', id: 1, time: 1 })
  t.equal(frames[0]?.isCompressible, false)
})

t.test('a latest value of a command is told from samples as well', async t => {
  const { hub, frames, subscribe } = startHub()
  hub.message('COMMANDS', stored(ACK, 1))
  subscribe('tel.>', 1)
  frames.length = 0
  subscribe('ack.>', 2)
  t.equal(compressed(frames)[ACK], false)
})
