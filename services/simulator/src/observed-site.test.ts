import { loadCatalogue } from '@meridian/catalogue'
import type { ExecReply } from '@meridian/protocol/commands'
import t from 'tap'
import { simulateOffline } from '../test/simulate-offline.ts'
import { TICKS_PER_SECOND } from './tick.ts'

const _MOUNT = { csc: 'MTMount', index: 0 }
const _DOME = { csc: 'MTDome', index: 0 }
const _acks = (replies: readonly ExecReply[]): number[] => replies.map(({ ack }) => ack)
const _withoutPrivate = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith('private_')))

t.test('hollow components cost little and are there', async t => {
  const offline = simulateOffline({ instances: [], hollow: 50 })
  offline.run(5)
  t.equal(offline.observatory.components.size, 50)
  t.ok(offline.published('Test.1050.hb').length >= 4)
  t.ok(offline.published('Test.1001.tel.scalars').length >= 4)
  t.ok(offline.observatory.jobs() <= 50 * 3)
})

t.test('rates are those of the catalogue for every instance of the summit', async t => {
  t.equal(TICKS_PER_SECOND, 100)
  const offline = simulateOffline({
    instances: [
      { csc: 'MTM1M3', index: 0 },
      { csc: 'ESS', index: 301 },
      { csc: 'MTVMS', index: 1 }
    ]
  })
  offline.run(5)
  offline.forget()
  offline.run(20)
  const counts = new Map<string, number>()
  for (const { subject } of offline.published('')) counts.set(subject, (counts.get(subject) ?? 0) + 1)
  for (const { csc, index } of [
    { csc: 'MTM1M3', index: 0 },
    { csc: 'ESS', index: 301 },
    { csc: 'MTVMS', index: 1 }
  ]) {
    const component = loadCatalogue().component(csc)
    for (const topic of component?.telemetry.values() ?? []) {
      const expected = 20 * (component?.rateOf(topic, index) ?? 0)
      const got = counts.get(`raw.test.${csc}.${index}.tel.${topic.name}`) ?? 0
      t.ok(
        Math.abs(got - expected) <= Math.max(1, 0.05 * expected),
        `${csc} ${topic.name}: ${got} of ${expected}`
      )
    }
  }
})

t.test('the place and the sky are those of the site', async t => {
  const location = { longitudeDeg: 11.61, latitudeDeg: 48.15, elevationM: 520, utcOffsetHours: 1 }
  const instances = [{ csc: 'MTPtg', index: 0 }]
  const [summit, hill] = [simulateOffline({ instances }), simulateOffline({ instances, location })]
  for (const offline of [summit, hill]) offline.run(20)
  t.match(hill.last('.evt.observatoryLocation'), {
    longitude: 11.61,
    latitude: 48.15,
    height: 520,
    timeZone: 1
  })
  const local = (offline: typeof hill) => offline.last('.tel.timeAndDate')
  t.match([local(summit)['timezone'], local(hill)['timezone']], [-4, 1], 'local time is that of the site too')
  t.match([local(summit)['localTimeString'], local(hill)['localTimeString']], [/^16:26:/, /^21:26:/])
  const siderealHours = (offline: typeof hill) => Number(offline.last('.tel.timeAndDate')['lst'])
  const apart = (siderealHours(hill) - siderealHours(summit) + 24) % 24
  t.ok(Math.abs(apart - (11.61 + 70.7494) / 15) < 1e-3, `${apart} hours`)
})
