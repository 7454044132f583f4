import { once } from 'node:events'
import { ensureStreams, streamSubjects, streamTable } from '@meridian/broker'
import { startLink, waitFor } from '@meridian/testing'
import t from 'tap'
import { forgetComponent } from '../../../scripts/forget/forget-component.ts'
import { fieldsOf, produce, read, setUp, siteFile, startProcess, stored } from './producing.ts'

t.test(
  'names made up are refused, told, and stay refused over a restart; listed instances go on',
  async t => {
    const setup = await setUp(t)
    const { broker } = setup
    const settings = { SITE_FILE: siteFile(t), NAMES_PER_COMPONENT: '20', PROCESS_INDEX: '4' }
    const sayMany = async (from: number): Promise<void> => {
      for (let i = from; i < from + 100; i++)
        broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
      await broker.flush()
    }
    const first = await produce(t, setup, settings)
    await sayMany(1)
    const [told] = await stored(broker, 'EVT', 'evt.summit.Producer.4.refusedNames')
    t.match(fieldsOf(told), {
      component: 'MTMount',
      class: 'evt',
      setting: 'NAMES_PER_COMPONENT',
      bound: 20,
      refused: 1,
      example: 'evt.summit.MTMount.21.target'
    })
    await first.stop()

    await produce(t, setup, settings)
    await sayMany(500)
    broker.publish('raw.summit.MTMount.0.evt.target', '{"azimuth": 2}')
    broker.publish('raw.summit.Shed.0.evt.door', '{"open": true}')
    await stored(broker, 'EVT', 'evt.summit.MTMount.0.target')
    await stored(broker, 'EVT', 'evt.summit.Shed.0.door')
    const names = new Set(
      (await read(broker, 'EVT', 'evt.summit.MTMount.*.target')).map(({ subject }) => subject)
    )
    t.equal(names.size, 21, 'twenty that were let through, and the one of the site')

    broker.publish('forget.summit.MTMount.5', '{"component":"MTMount","index":5,"upTo":{"TEL":0,"EVT":0}}')
    await broker.flush()
    await waitFor(
      async () => {
        broker.publish('raw.summit.MTMount.900.evt.target', '{"azimuth": 3}')
        return (await read(broker, 'EVT', 'evt.summit.MTMount.900.target')).length > 0
      },
      { what: 'the room of an instance that was forgotten', everyMs: 100 }
    )
  }
)

t.test('a producer that had no broker when a component was forgotten frees its names', async t => {
  const setup = await setUp(t)
  const { nats, broker, log } = setup
  const link = await startLink(nats.port)
  t.teardown(() => link.stop())
  const settings = { NAMES_PER_COMPONENT: '20', PROCESS_INDEX: '4', SITE_FILE: siteFile(t) }
  const producer = await produce(t, { ...setup, nats: { ...nats, url: `127.0.0.1:${link.port}` } }, settings)
  const isTold = (text: RegExp): boolean => log.records.some(({ msg }) => text.test(String(msg)))
  for (let i = 1; i < 30; i++) broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
  await waitFor(() => isTold(/^new names are refused/), { what: 'the bound is reached' })
  const names = (): Promise<readonly string[]> => streamSubjects(broker, 'EVT', 'evt.summit.MTMount.*.target')
  // What still waits in the producer when the link is cut would make forgotten names anew.
  await waitFor(async () => (await names()).length === 20, { what: 'all is stored' })
  link.cut()
  await waitFor(() => isTold(/connection lost/), { what: 'the broker is away' })
  for (let i = 1; i < 10; i++) await forgetComponent(broker, { site: 'summit', csc: 'MTMount', index: i })
  link.mend()
  await waitFor(() => log.records.find(({ msg }) => /^names that no stream holds/.test(String(msg))), {
    what: 'names are freed',
    timeoutMs: 30_000
  })
  t.match(
    log.records.find(({ msg }) => /^names that no stream holds/.test(String(msg))),
    { names: 9 }
  )
  for (let i = 100; i < 120; i++) broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
  await waitFor(async () => (await names()).length === 20, { what: 'the room is used', everyMs: 50 })
  await producer.stop()
  t.equal((await names()).length, 20, 'and no more')
})

t.test('names of a stream that could not be read at the start count once it can be', async t => {
  const setup = await setUp(t)
  const { broker, log } = setup
  const settings = { NAMES_PER_UNKNOWN: '200', PROCESS_INDEX: '4' }
  await broker.request('$JS.API.STREAM.DELETE.EVT', '', { timeoutMs: 2_000 })
  await produce(t, setup, settings)
  const [unread] = log.records.filter(({ msg }) => msg === 'names in the stream not read yet')
  t.match(unread, { class: 'evt', code: 'BRK_NO_STREAM' })
  await ensureStreams(broker, streamTable('summit', 'laptop'), log)
  for (let i = 0; i < 200; i++) broker.publish(`evt.summit.Shed.0.old${i}`, '')
  await broker.flush()
  let n = 0
  await waitFor(
    async () => {
      broker.publish(`raw.summit.Shed.0.evt.new${n++}`, '{"open": true}')
      return (await read(broker, 'EVT', 'evt.summit.Producer.4.refusedNames')).length > 0
    },
    { what: 'a new name is refused', everyMs: 50 }
  )
  const names = await streamSubjects(broker, 'EVT', 'evt.summit.Shed.>')
  t.ok(names.length < 400, `${names.length} names: fewer than with 200 new ones`)
})

t.test('ten thousand made-up topics and 45,000 made-up indices leave honest devices their names', async t => {
  const setup = await setUp(t)
  const { nats, broker } = setup
  const names = async (): Promise<number> =>
    (await streamSubjects(broker, 'TEL', 'tel.summit.Made.>')).length +
    (await streamSubjects(broker, 'EVT', 'evt.summit.MTMount.>')).length
  const flood = async (from: number, topics: number, indices: number): Promise<void> => {
    for (let i = from; i < from + topics; i++) broker.publish(`raw.summit.Made.0.tel.t${i}`, '{"a": 1}')
    for (let i = from; i < from + indices; i++)
      broker.publish(`raw.summit.MTMount.${i}.evt.target`, '{"azimuth": 1}')
    await broker.flush()
  }
  const honest = async (device: string): Promise<void> => {
    broker.publish(`raw.summit.${device}.0.tel.climate`, '{"celsius": 21.5}')
    broker.publish(`raw.summit.${device}.0.evt.door`, '{"open": true}')
    broker.publish('raw.summit.MTMount.0.evt.target', '{"azimuth": 2}')
    await stored(broker, 'TEL', `tel.summit.${device}.0.climate`)
    await stored(broker, 'EVT', `evt.summit.${device}.0.door`)
    await stored(broker, 'EVT', 'evt.summit.MTMount.0.target')
  }
  const { child } = await startProcess(t, nats, { NAMES_PER_COMPONENT: '50' })
  await flood(1, 10_000, 45_000)
  await honest('Greenhouse')
  t.equal(await names(), 251, '200 topics of an unknown component, 50 indices, and the instance of the site')
  child.kill('SIGKILL')
  await once(child, 'exit')

  await broker.request('$JS.API.STREAM.PURGE.EVT', '{"filter":"evt.summit.Producer.>"}', { timeoutMs: 2_000 })
  await startProcess(t, nats, { NAMES_PER_COMPONENT: '50' })
  await flood(50_000, 100, 100)
  await honest('Shed')
  t.equal(await names(), 251, 'no name more after kill -9')
  const toldOf = async () =>
    (await read(broker, 'EVT', 'evt.summit.Producer.1.refusedNames')).map(
      message => fieldsOf(message)['refused']
    )
  const told = await waitFor(async () => ((await toldOf()).length === 14 ? toldOf() : undefined), {
    what: 'all that is told'
  })
  const doubled = [1, 2, 4, 8, 16, 32, 64]
  t.same(told, [...doubled, ...doubled], 'told as the number doubles, counted anew by the new process')
})
