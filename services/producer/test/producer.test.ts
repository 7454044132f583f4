import { decodeSample } from '@meridian/sample'
import { parseConfig } from '@meridian/service'
import { createTestLog } from '@meridian/testing'
import { systemClock } from '@meridian/time'
import { pack } from 'msgpackr'
import t from 'tap'
import { spec } from '../src/config.ts'
import { fieldsOf, produce, read, serviceOf, setUp, siteFile, stored } from './producing.ts'

t.test('what is wrong with its settings ends the start with a code, not the making', async t => {
  const config = parseConfig(spec, {
    PRODUCE: 'part:mtm2-event',
    SITE_FILE: '/nowhere.yaml'
  })
  const producer = serviceOf(config, createTestLog())
  await t.rejects(producer.start(), { code: /^CAT_SITE_/ })
  await producer.stop()
})

t.test('raw messages become samples', async t => {
  const setup = await setUp(t)
  const { broker, log } = setup
  await produce(t, setup)

  await t.test('JSON of a plain publish appears as telemetry, with what it left out filled in', async t => {
    const before = systemClock.taiSeconds()
    broker.publish('raw.summit.MTMount.0.tel.azimuth', '{"actualPosition": 12.5, "demandPosition": "NaN"}')
    const [message] = await stored(broker, 'TEL', 'tel.summit.MTMount.0.azimuth')
    const sample = decodeSample(message?.data ?? new Uint8Array())
    t.same(fieldsOf(message), { actualPosition: 12.5, demandPosition: Number.NaN })
    t.equal(sample.identity, 'MTMount')
    t.equal(sample.seqNum, 1)
    t.ok(sample.sndStamp >= before && sample.sndStamp === sample.rcvStamp)
    t.ok(sample.origin > 0)
    t.notOk(sample.uncatalogued)
  })

  await t.test('MessagePack with its own stamps appears as an event that keeps them', async t => {
    const payload = pack({
      summaryState: 2,
      private_sndStamp: 1795292928.5,
      private_seqNum: 7,
      private_origin: 42,
      private_identity: 'MTHexapod:1',
      private_revCode: '5069a609'
    })
    broker.publish('raw.summit.MTHexapod.1.evt.summaryState', payload)
    const [message] = await stored(broker, 'EVT', 'evt.summit.MTHexapod.1.summaryState')
    const { fields: _, rcvStamp: __, ...envelope } = decodeSample(message?.data ?? new Uint8Array())
    t.same(envelope, {
      sndStamp: 1795292928.5,
      seqNum: 7,
      origin: 42,
      identity: 'MTHexapod:1',
      revCode: '5069a609',
      uncatalogued: false
    })
    t.same(fieldsOf(message), { summaryState: 2 })
  })

  await t.test('a device that no catalogue knows passes, marked', async t => {
    broker.publish('raw.summit.Greenhouse.0.tel.climate', '{"celsius": 21.5}')
    const [message] = await stored(broker, 'TEL', 'tel.summit.Greenhouse.0.climate')
    t.same(fieldsOf(message), { celsius: 21.5 })
    t.ok(decodeSample(message?.data ?? new Uint8Array()).uncatalogued)
  })

  await t.test('key fields make one subject per object', async t => {
    for (const name of ['Enabled.MTMount', 'Enabled.MTDome'])
      broker.publish('raw.summit.Watcher.0.evt.alarm', JSON.stringify({ name, severity: 2 }))
    await stored(broker, 'EVT', 'evt.summit.Watcher.0.alarm.*', 2)
    t.same(fieldsOf((await read(broker, 'EVT', 'evt.summit.Watcher.0.alarm.Enabled=2EMTDome'))[0]), {
      name: 'Enabled.MTDome',
      severity: 2
    })
  })

  await t.test(
    'heartbeats of either form have their own subject, and those of Scripts stay with the Script',
    async t => {
      broker.publish('raw.summit.MTMount.0.hb', '')
      broker.publish('raw.summit.MTMount.0.evt.heartbeat', '{"heartbeat": false}')
      broker.publish('raw.summit.Script.100007.hb', '')
      broker.publish('raw.summit.Script.100007.evt.state', '{"state": 3}')
      const [first] = await stored(broker, 'TEL', 'hb.summit.MTMount.0', 2)
      t.same(fieldsOf(first), {})
      await stored(broker, 'SCRIPT', 'script.summit.1.100007.heartbeat')
      t.same(fieldsOf((await stored(broker, 'SCRIPT', 'script.summit.1.100007.state'))[0]), { state: 3 })
    }
  )

  await t.test('garbage is counted with its code and disturbs nothing', async t => {
    const garbage: [string, string | Uint8Array][] = [
      ['raw.summit.MTMount.0.tel.azimuth', 'hello'],
      ['raw.summit.MTMount.0.tel.azimuth', '{"cut'],
      ['raw.summit.MTMount.0.tel.azimuth', '[1,2]'],
      ['raw.summit.MTMount.0.tel.azimuth', Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff)],
      ['raw.summit.MTMount.zero.tel.azimuth', '{}'],
      ['raw.summit.MTMount', '{}'],
      ['raw.summit.MTMount.0.tel.azi$muth', '{}'],
      ['raw.summit.MTMount.0.cmd.stop', '{}']
    ]
    const before = (await read(broker, 'TEL')).length
    for (const [subject, data] of garbage) broker.publish(subject, data)
    broker.publish(
      'raw.summit.MTMount.0.tel.elevation',
      '{"actualPosition": 80, "demandPosition": "high", "extra": 1}'
    )
    const [after] = await stored(broker, 'TEL', 'tel.summit.MTMount.0.elevation')
    t.same(fieldsOf(after), { actualPosition: 80, extra: 1 }, 'only the wrong field is left out')
    t.equal((await read(broker, 'TEL')).length, before + 1)
    const logged = log.records
      .filter(record => record['part'] === undefined && record.msg === 'left out')
      .map(record => record['code'])
    t.same([...new Set(logged)].sort(), ['PRD_BAD_FIELD', 'PRD_BAD_PAYLOAD', 'PRD_BAD_SUBJECT'])
    t.equal(logged.length, 6, 'logged once for each topic and reason')
  })

  await t.test(
    'a component restarted with the same process id and its counter at 1 loses nothing',
    async t => {
      for (const start of [1795292928, 1795292938])
        for (let seqNum = 1; seqNum <= 3; seqNum++)
          broker.publish(
            'raw.summit.ATDome.0.tel.position',
            JSON.stringify({
              azimuthPosition: seqNum,
              private_sndStamp: start + seqNum / 10,
              private_seqNum: seqNum,
              private_origin: 77
            })
          )
      t.equal((await stored(broker, 'TEL', 'tel.summit.ATDome.0.position', 6)).length, 6)
    }
  )
})

t.test('two producers that overlap store nothing twice', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  await produce(t, setup)
  const second = await produce(t, setup)
  const publish = (from: number, to: number): void => {
    for (let seqNum = from; seqNum <= to; seqNum++)
      broker.publish(
        'raw.summit.MTM2.0.tel.position',
        pack({
          x: seqNum,
          private_sndStamp: 1795292928 + seqNum / 20,
          private_seqNum: seqNum,
          private_origin: 5
        })
      )
  }
  publish(1, 500)
  await stored(broker, 'TEL', 'tel.summit.MTM2.0.position', 500)
  await second.stop()
  publish(501, 600)
  const messages = await stored(broker, 'TEL', 'tel.summit.MTM2.0.position', 600)
  t.same(
    messages.map(message => decodeSample(message.data).seqNum),
    Array.from({ length: 600 }, (_, i) => i + 1)
  )
})

t.test('several producers share a site, and the catch-all takes what the others do not list', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const lists = ['MTM1M3:0{only:imsData}', 'MTM1M3:0{except:imsData},ESS:*']
  for (const list of lists) await produce(t, setup, { PRODUCE: list })
  await produce(t, setup, { PRODUCE: 'rest', EXCEPT: lists.join(',') })
  // Without stamps each producer would make an id of its own, so a topic that two of them carry is stored
  // twice.
  const raw = [
    'MTM1M3.0.tel.imsData',
    'MTM1M3.0.tel.forceActuatorData',
    'MTM1M3.0.hb',
    'ESS.301.hb',
    'MTMount.0.hb',
    'Shed.1.tel.light'
  ]
  for (const subject of raw) broker.publish(`raw.summit.${subject}`, '{}')
  await stored(broker, 'TEL', '>', raw.length)
  const subjects = (await read(broker, 'TEL')).map(message => message.subject)
  t.same(subjects.sort(), [
    'hb.summit.ESS.301',
    'hb.summit.MTM1M3.0',
    'hb.summit.MTMount.0',
    'tel.summit.MTM1M3.0.forceActuatorData',
    'tel.summit.MTM1M3.0.imsData',
    'tel.summit.Shed.1.light'
  ])
})

t.test('each producer beats, and tells what it carries', async t => {
  const setup = await setUp(t)
  const { broker } = setup
  const list = 'MTMount:0,ESS:301,Shed:7,MTM1M3:0{only:imsData}'
  await produce(t, setup, { PRODUCE: list, PROCESS_INDEX: '2', SITE_FILE: siteFile(t) })
  await produce(t, setup, { PRODUCE: 'rest', EXCEPT: list, SITE_FILE: siteFile(t) })
  await stored(broker, 'TEL', 'hb.summit.Producer.2', 2)
  await stored(broker, 'TEL', 'hb.summit.Producer.1')
  const [own] = await stored(broker, 'EVT', 'evt.summit.Producer.2.carries')
  t.same(fieldsOf(own), { instances: ['MTMount:0', 'ESS:301', 'Shed:7'], others: false })
  const [rest] = await stored(broker, 'EVT', 'evt.summit.Producer.1.carries')
  t.same(
    fieldsOf(rest),
    { instances: ['MTM1M3:0', 'ESS:302'], others: true },
    'a part without the heartbeat leaves the component with the other'
  )
})
