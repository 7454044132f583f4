import { parseServerMessage, type ServerRecord } from '@meridian/protocol/live'
import { parsePattern } from '@meridian/subjects'
import t from 'tap'
import { createWorld, sample, warmAll } from '../testing/hub-world.ts'
import { type Frame, type Hub, payloadOf } from './index.ts'
import { createLiveTopic, type LiveTopic } from './live-topic.ts'
import { createPatternIndex } from './pattern-index.ts'

const measured = sample({ azimuth: 1, elevation: 2 })
const ack = Buffer.from('{"state":"complete"}')

function startHub(): Hub {
  const { hub } = createWorld()
  warmAll(hub)
  return hub
}

let seq = 0
function say(hub: Hub, stream: string, subject: string): void {
  const data = stream === 'COMMANDS' ? ack : measured
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

/** A topic that counts how often its subject is read. */
function countedTopic(id: number, subject: string, onRead: () => void): LiveTopic {
  const topic = createLiveTopic(id, subject, 'TEL', false)
  return Object.defineProperty(topic, 'subject', {
    get() {
      onRead()
      return subject
    }
  })
}

t.test('thirty thousand subjects are held against each pattern once, however many ask for it', async t => {
  let walked = 0
  let reads = 0
  const index = createPatternIndex<number>(topics => {
    walked += topics
  })
  const texts = ['tel.summit.Camera.*.row', 'tel.summit.>', 'tel.summit.ESS.*.*']
  for (const text of texts) for (let user = 0; user < 500; user++) index.use(parsePattern(text), user)
  for (let i = 0; i < 30_000; i++)
    index.addTopic(countedTopic(i, `tel.summit.Camera.${i}.row`, () => void reads++))
  t.equal(reads, 30_000 * (texts.length + 1), 'once for each text, and once to index its tokens')
  t.equal(index.use(parsePattern('tel.summit.Camera.*.row'), 1_000).size, 30_000)
  t.equal(walked, 0, 'a text that is known is not matched again')
  t.equal(index.use(parsePattern('tel.summit.Camera.29000.*'), 1).size, 1)
  t.equal(walked, 1, 'a new one costs what it finds')
})

t.test('whoever asks for thirty thousand subjects that others have pays for last values alone', async t => {
  const hub = startHub()
  const pattern = 'tel.summit.Camera.*.row'
  const first = join(hub, [{ pattern }])
  for (let i = 0; i < 30_000; i++) say(hub, 'TEL', `tel.summit.Camera.${i}.row`)
  hub.tick()
  const before = hub.counts.work
  const frames: Frame[] = []
  const sink = { write: (frame: Frame) => void frames.push(frame), bufferedBytes: () => 0 }
  const client = hub.attach(sink, 'json', { onSlow() {} })
  const asked = [hub.readPattern({ pattern })]
  void client.subscribe(() => ({ id: 1, patterns: asked, refused: [] }))
  const bytes = frames.reduce((sum, frame) => sum + payloadOf(frame).length, 0)
  const work = hub.counts.work - before
  t.ok(work < 30_000 + bytes / 100 + 100, `${work} units: each topic once, and its bytes`)
  t.equal(hub.sizes().views, 1)
  first.close()
  client.close()
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
