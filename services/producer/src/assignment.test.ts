import { queueOf } from '@meridian/catalogue'
import t from 'tap'
import { type Assignment, parseAssignment } from './assignment.ts'
import { patternsOf } from './sources/nats-raw.ts'

const split = new Map([
  ['MTM1M3:0', [{ name: 'm1m3-a', telemetry: ['imsData', 'ackcmd'], events: ['heartbeat', 'detailedState'] }]]
])
const assigned = (produce: string, except = ''): Assignment => parseAssignment(produce, except, () => split)

/**
 * Whether a topic is assigned, written as its raw subject has it: `MTMount.0.tel.azimuth`, `MTMount.0.hb`.
 */
function has(list: Assignment, subject: string): boolean {
  const [csc = '', index, kind = '', name = 'heartbeat'] = subject.split('.')
  return list.has({ csc, index: Number(index), kind: kind as 'tel', name })
}

t.test('a list is its instances and nothing else', async t => {
  const list = assigned('MTMount:0, ESS:*, GIS')
  for (const yes of ['MTMount.0.tel.azimuth', 'ESS.301.hb', 'ESS.1.evt.x', 'GIS.0.evt.x'])
    t.ok(has(list, yes), yes)
  for (const no of ['MTMount.1.tel.azimuth', 'MTDome.0.hb', 'ess.301.hb']) t.notOk(has(list, no), no)
  t.same(patternsOf('summit', list), ['raw.summit.MTMount.0.>', 'raw.summit.ESS.>', 'raw.summit.GIS.>'])
})

t.test('an instance can be shared out by topics, without a topic assigned twice or not at all', async t => {
  const some = assigned('MTM1M3:0{only:imsData|evt.detailedState|hb}')
  const others = assigned('MTM1M3:0{except:imsData|evt.detailedState|hb}')
  for (const topic of [
    'tel.imsData',
    'evt.detailedState',
    'tel.detailedState',
    'hb',
    'evt.imsData',
    'tel.forceActuatorData'
  ])
    t.not(has(some, `MTM1M3.0.${topic}`), has(others, `MTM1M3.0.${topic}`), topic)
  t.same(patternsOf('summit', some), [
    'raw.summit.MTM1M3.0.tel.imsData',
    'raw.summit.MTM1M3.0.evt.imsData',
    'raw.summit.MTM1M3.0.evt.detailedState',
    'raw.summit.MTM1M3.0.hb',
    'raw.summit.MTM1M3.0.evt.heartbeat'
  ])
})

t.test('a part is what the site file says', async t => {
  const part = assigned('part:m1m3-a')
  for (const yes of ['tel.imsData', 'hb', 'evt.detailedState']) t.ok(has(part, `MTM1M3.0.${yes}`), yes)
  t.notOk(has(part, 'MTM1M3.0.evt.imsData'))
})

t.test('the rest is everything that others are not assigned, unknown devices included', async t => {
  const rest = assigned('rest', 'part:m1m3-a,ESS:301')
  for (const yes of ['Greenhouse.0.tel.climate', 'ESS.302.hb', 'MTM1M3.0.tel.forceActuatorData'])
    t.ok(has(rest, yes), yes)
  for (const no of ['ESS.301.hb', 'MTM1M3.0.tel.imsData', 'MTM1M3.0.hb']) t.notOk(has(rest, no), no)
  t.same(patternsOf('summit', rest), ['raw.summit.>'])
})

t.test('a Script goes with its queue', async t => {
  const first = assigned('ScriptQueue:1')
  t.ok(has(first, 'Script.100007.evt.state'))
  t.notOk(has(first, 'Script.200007.evt.state'))
  t.ok(first.hasQueue(1))
  t.notOk(first.hasQueue(2))
  t.same(patternsOf('summit', first), ['raw.summit.ScriptQueue.1.>', 'raw.summit.Script.>'])
  const rest = assigned('rest', 'ScriptQueue:1')
  t.notOk(has(rest, 'Script.100007.evt.state'))
  t.ok(has(rest, 'Script.200007.evt.state'))
  t.equal(queueOf(399_999), 3)
})

t.test('what cannot be read is refused with CFG_INVALID that names it', async t => {
  const wrong = [
    '',
    'MTMount:x',
    'MTMount:0{all:x}',
    'MTMount:0{only:}',
    'part:nobody',
    'rest,MTMount:0',
    'a b'
  ]
  for (const text of wrong) t.throws(() => assigned(text), { code: 'CFG_INVALID' }, `'${text}'`)
  t.throws(() => assigned('MTMount:0', 'ESS:*'), { code: 'CFG_INVALID', message: /EXCEPT/ })
})
