import { once } from 'node:events'
import { createPublisher } from '@meridian/broker'
import { loadCatalogue } from '@meridian/catalogue'
import { decodeSample } from '@meridian/sample'
import { createHistory, waitFor } from '@meridian/testing'
import { systemClock } from '@meridian/time'
import { pack } from 'msgpackr'
import t from 'tap'
import { parseAssignment } from '../src/assignment.ts'
import { createClockOffsets } from '../src/pipeline/clock-offsets.ts'
import { createCounts } from '../src/pipeline/counts.ts'
import { createNames } from '../src/pipeline/names.ts'
import { createPipeline } from '../src/pipeline/pipeline.ts'
import { createRoutes } from '../src/pipeline/routes.ts'
import { createRawReader } from '../src/sources/nats-raw.ts'
import { fieldsOf, produce, read, setUp, startProcess, stored } from './producing.ts'

t.test(
  'a broker killed with -9 and started again: everything sampled is stored once and in order',
  async t => {
    const { nats, broker, log } = await setUp(t, 0)
    const publisher = createPublisher(broker, { log })
    t.teardown(() => publisher.stop())
    const counts = createCounts(log, systemClock)
    const assignment = parseAssignment('rest', '', () => new Map())
    const refused = { note: () => undefined, noteSubject: () => undefined }
    const routes = createRoutes({
      site: 'summit',
      catalogue: loadCatalogue(),
      counts,
      names: createNames({
        bounds: { perComponent: 10, perUnknown: 10, unknownComponents: 10 },
        isListed: () => true,
        onRefused: () => undefined
      }),
      clocks: createClockOffsets({ log, nowMs: systemClock.nowMs, onChange: () => undefined }),
      refused,
      isInstance: () => true
    })
    const history = createHistory()
    const pipeline = createPipeline({
      routes,
      counts,
      refused,
      clock: systemClock,
      origin: 9,
      publish(publication) {
        history.published(publication.subject, publication.id)
        publisher.publish(publication)
      },
      isStored: () => false,
      reduce: () => undefined
    })
    const readRaw = createRawReader(assignment, { onMessage: pipeline.take, onFault: counts.reject })

    let seqNum = 0
    const component = setInterval(() => {
      seqNum++
      const payload = pack({
        actualPosition: seqNum,
        private_sndStamp: systemClock.taiSeconds(),
        private_seqNum: seqNum,
        private_origin: 5
      })
      for (const topic of ['azimuth', 'elevation']) readRaw(`raw.summit.MTMount.0.tel.${topic}`, payload)
      readRaw('raw.summit.MTMount.0.evt.target', payload)
    }, 2)
    t.teardown(() => clearInterval(component))
    await waitFor(() => publisher.stats().acked > 300, { what: 'samples before the outage' })
    await nats.kill9()
    const before = publisher.stats().acked
    await waitFor(() => publisher.stats().pending > 300, { what: 'samples of the outage in the spool' })
    await nats.restart()
    await waitFor(() => publisher.stats().acked > before + 900, {
      what: 'samples after the outage',
      timeoutMs: 20_000
    })
    clearInterval(component)
    t.ok(await publisher.flush(10_000), 'the spool runs empty')

    for (const stream of ['TEL', 'EVT'])
      for (const { subject, data } of await read(broker, stream)) {
        const [, , csc, index, topic] = subject.split('.')
        const { origin, seqNum, sndStamp } = decodeSample(data)
        history.received(subject, `${csc}:${index}:${topic}:${origin}:${seqNum}:${sndStamp}`)
      }
    const report = history.report()
    t.same([report.lost, report.duplicated, report.inverted, report.unknown], [[], [], [], []])
    t.ok(report.published > 1_000)
    t.comment(`${report.published} sampled, ${report.received} stored`)
  }
)

t.test('a producer that lost the broker tells anew what it carries: until then it heard nothing', async t => {
  const setup = await setUp(t)
  await produce(t, setup, { PROCESS_INDEX: '4' })
  const subject = 'evt.summit.Producer.4.carries'
  await stored(setup.broker, 'EVT', subject)
  await setup.nats.kill9()
  await setup.nats.restart()
  const [first, second] = await stored(setup.broker, 'EVT', subject, 2)
  t.same(fieldsOf(second), fieldsOf(first))
})

t.test('SIGTERM of the real process: it stores what it has read, and exits 0', async t => {
  const { nats, broker } = await setUp(t)
  const { child, address } = await startProcess(t, nats)
  t.equal((await fetch(`${address}/readyz`)).status, 200)
  for (let seqNum = 1; seqNum <= 3000; seqNum++)
    broker.publish(
      'raw.summit.MTM2.0.tel.position',
      pack({ x: seqNum, private_seqNum: seqNum, private_origin: 5, private_sndStamp: 1795292928 + seqNum })
    )
  await broker.flush()
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  t.same(await exited, [0, null])
  const messages = await read(broker, 'TEL', 'tel.summit.MTM2.0.position')
  t.same(
    messages.map(message => decodeSample(message.data).seqNum),
    Array.from({ length: 3000 }, (_, i) => i + 1)
  )
})
