import { encodeMsgpack } from '@meridian/msgpack'
import { parseServerMessage, type ServerRecord } from '@meridian/protocol/live'
import { encodeSample } from '@meridian/sample'
import { traitsOf } from '@meridian/subjects'
import t from 'tap'
import { createHub, createWorkTurns, type Frame, type Hub, payloadOf } from './index.ts'

const sample = encodeSample({
  ...{ sndStamp: 1, rcvStamp: 0, seqNum: 1, origin: 1, identity: '', revCode: '', uncatalogued: false },
  fields: encodeMsgpack({ azimuth: 1, elevation: 2 })
})
const ack = Buffer.from('{"state":"complete"}')

function startHub(maxTopics = 50_000): Hub {
  const hub = createHub({
    streams: [traitsOf('TEL'), traitsOf('EVT'), traitsOf('COMMANDS')],
    turns: createWorkTurns(() => 0),
    maxTopics,
    history: {
      range: async () => ({ epoch: 'e1', firstSeq: 1, lastSeq: 1, maxPerSubject: 5 }),
      storedAt: async () => undefined,
      read: async () => ({ messages: [], upTo: 1 })
    }
  })
  for (const stream of ['TEL', 'EVT', 'COMMANDS']) hub.warm(stream, { epoch: 'e1', seq: 0, timeUs: 0 })
  return hub
}

let seq = 0
function say(hub: Hub, stream: string, subject: string): void {
  const data = stream === 'COMMANDS' ? ack : sample
  hub.message(stream, { seq: ++seq, timeUs: seq, subject, data })
}

function join(
  hub: Hub,
  patterns: readonly { pattern: string; fields?: readonly string[] }[],
  isFull = false
) {
  const frames: Frame[] = []
  const bufferedBytes = (): number => (isFull ? 7 << 20 : 0)
  const client = hub.attach({ write: frame => void frames.push(frame), bufferedBytes }, 'json', {
    onSlow() {}
  })
  const asked = patterns.map(hub.readPattern)
  void client.subscribe(() => ({ id: 1, patterns: asked, refused: [] }))
  frames.length = 0
  return { frames, close: () => client.close() }
}

/** The subjects' first words in the order in which they came. */
function order(frames: readonly Frame[]): string[] {
  const records: ServerRecord[] = frames.flatMap(frame => [
    ...parseServerMessage(payloadOf(frame).toString())
  ])
  const subjects = new Map<number, string>()
  const found: string[] = []
  for (const record of records)
    if (!('op' in record)) found.push(subjects.get(record[0])?.split('.')[0] ?? '')
    else if (record.op === 'topics') for (const [id, subject] of record.topics) subjects.set(id, subject)
  return found
}

const ALL = ['tel.>', 'evt.>', 'ack.>'].map(pattern => ({ pattern, quality: 'all' as const }))
const ACK = 'ack.summit.MTMount.0.01jd3xkq7m5v8w2n4p6r9t0abc'

t.test('acknowledgements and events never wait behind telemetry, also where much waits already', async t => {
  for (const isFull of [false, true]) {
    const hub = startHub()
    const { frames } = join(hub, ALL, isFull)
    for (let i = 0; i < 500; i++) say(hub, 'TEL', `tel.summit.ESS.${i}.temperature`)
    say(hub, 'COMMANDS', ACK)
    say(hub, 'EVT', 'evt.summit.MTMount.0.state')
    t.same(order(frames), [], 'one turn of the event loop gathers')
    hub.flushNow()
    t.same(order(frames), ['ack', 'evt'], 'they are out before the tick')
    say(hub, 'COMMANDS', ACK)
    hub.tick()
    t.same(order(frames).slice(2, 4), ['ack', 'tel'], 'at a tick they stand before telemetry')
    t.equal(order(frames).length, 503)
  }
})

t.test('thirty thousand subjects are matched once each, however many views there are', async t => {
  const hub = startHub()
  const clients = Array.from({ length: 50 }, (_, i) =>
    join(hub, [{ pattern: 'tel.summit.Camera.*.row' }, { pattern: `evt.summit.MTMount.${i}.>` }])
  )
  const before = hub.counts.work
  for (let i = 0; i < 30_000; i++) say(hub, 'TEL', `tel.summit.Camera.${i}.row`)
  const first = hub.counts.work - before
  for (let i = 0; i < 30_000; i++) say(hub, 'TEL', `tel.summit.Camera.${i}.row`)
  t.equal(hub.counts.work - before, first, 'a subject that is known is not matched again')
  t.equal(hub.sizes().views, 50)
  const late = hub.counts.work
  clients.push(join(hub, [{ pattern: 'tel.summit.Camera.*.row' }, { pattern: 'evt.summit.MTMount.0.>' }]))
  t.equal(hub.sizes().views, 50, 'whoever asks for the same shares a view')
  t.ok(hub.counts.work - late < 150_000, `${hub.counts.work - late} units to join: last values, no matching`)
  for (const { close } of clients) close()
  t.equal(hub.sizes().views, 0)
})

t.test('chosen fields cost the same however many share them: one encoding, one frame', async t => {
  const hub = startHub()
  const patterns = [{ pattern: 'tel.summit.ESS.>', quality: 'all' as const, fields: ['azimuth'] }]
  const clients = Array.from({ length: 200 }, () => join(hub, patterns))
  // Other patterns, and so another view, but the same choice.
  const other = join(hub, [{ ...patterns[0], pattern: 'tel.summit.ESS.1.*' } as (typeof patterns)[0]])
  say(hub, 'TEL', 'tel.summit.ESS.1.temperature')
  hub.tick()
  for (const { frames } of clients) frames.length = 0
  other.frames.length = 0
  say(hub, 'TEL', 'tel.summit.ESS.1.temperature')
  hub.tick()
  t.match(payloadOf(clients[0]?.frames[0] as Frame).toString(), '{"azimuth":1}')
  t.equal(new Set(clients.flatMap(({ frames }) => frames)).size, 1)
  t.equal(other.frames.length, 1)
  t.equal(hub.sizes().views, 2)
})
