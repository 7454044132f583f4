import type { MeAnswer } from '@meridian/protocol/http'
import { signal } from '@preact/signals'
import t from 'tap'
import { createReading } from './reading.ts'

const siteRoles = {
  viewer: { read: ['evt.>', 'hb.*.MTMount.*'], command: [] },
  operator: { read: ['>'], command: ['*.*'] },
  mount: { read: ['tel.summit.MTMount.>'], command: [] }
}
const meWith = (...roles: string[]): MeAnswer => ({ mode: 'local', name: 'ada', roles, siteRoles })

t.test('what may be read follows the roles of whoever is logged in', async t => {
  const reading = createReading(signal(meWith('viewer')))
  t.ok(reading.may('evt.*.MTDome.0.summaryState'))
  t.ok(reading.may('hb.>'), 'something of it')
  t.ok(reading.may('hb.*.MTMount.0'))
  t.notOk(reading.may('hb.*.MTDome.0'))
  t.notOk(reading.may('tel.*.MTMount.0.>'))
  t.ok(createReading(signal(meWith('viewer', 'mount'))).may('tel.*.MTMount.0.>'))
  t.notOk(createReading(signal(meWith())).may('hb.>'))
  t.notOk(createReading(signal(meWith('toString'))).may('hb.>'), 'a role that the site does not have')
})

t.test('why nothing may be read names the roles that may', async t => {
  const { refusalOf } = createReading(signal(meWith('viewer')))
  t.equal(refusalOf(['tel.*.MTMount.0.>']), 'your role is viewer, it needs operator or mount')
  t.equal(refusalOf(['tel.*.MTDome.0.>']), 'your role is viewer, it needs operator')
  t.equal(refusalOf(['tel.*.MTDome.0.>', 'evt.>']), undefined, 'of one of them something may')
  const { viewer } = siteRoles
  const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map(name => [name, siteRoles.operator]))
  t.equal(
    createReading(signal({ ...meWith(), siteRoles: many })).refusalOf(['tel.>']),
    'your role is none, it needs a, b, c or one of 2 more'
  )
  const alone = createReading(signal({ ...meWith(), siteRoles: { viewer } }))
  t.equal(alone.refusalOf(['tel.>']), 'your role is none, no role of this site may read it')
})

t.test('as long as nobody has told, all may be read; what is told later counts', async t => {
  const me = signal<MeAnswer | undefined>(undefined)
  const reading = createReading(me)
  t.ok(reading.may('tel.>'))
  t.equal(reading.refusalOf(['tel.>']), undefined)
  me.value = meWith('viewer')
  t.notOk(reading.may('tel.>'))
  me.value = meWith('operator')
  t.ok(reading.may('tel.>'))
})
