import { signal } from '@preact/signals'
import t from 'tap'
import { createTopicStore } from '../instance/topic-store.ts'
import { presentValueOf } from './present-value.ts'

const field = (name: string) => ({ name, type: 'double', count: 1, units: 'deg' })

t.test('the present value is the position of the axis, or the field of that name; else none', async t => {
  const store = createTopicStore(signal([]))
  const say = (topic: string, fields: Record<string, unknown>): void => {
    const parts = { class: 'tel', site: 's', csc: 'M', index: 0, topic }
    const stamps = { seq: 1, time: 0, received: 0 }
    const subject = `tel.s.M.0.${topic}`
    store.apply({ subject, parts, ...stamps, fields, snapshot: true, uncatalogued: false }, 0)
  }
  say('azimuth', { actualVelocity: 1, actualPosition: 12.5 })
  say('settings', { speed: 3 })
  say('elevation', { actualTorque: 1 })
  store.settle()
  const of = (name: string) => presentValueOf(store.topics.value, field(name))
  t.same(of('azimuth'), { name: 'azimuth.actualPosition', value: 12.5 })
  t.same(of('speed'), { name: 'settings.speed', value: 3 })
  t.equal(of('elevation'), undefined, 'no other field is taken for the position')
  t.equal(of('rotation'), undefined)
})
