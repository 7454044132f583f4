import { signal } from '@preact/signals'
import t from 'tap'
import { createTopicStore } from '../instance/topic-store.ts'
import { presentValueOf } from './present-value.ts'

const field = (name: string, units = '') => ({ name, type: 'double', count: 1, units })

t.test('the present value is the position of the axis, or the field of that name; else none', async t => {
  const store = createTopicStore(signal([]))
  const say = (topic: string, fields: Record<string, unknown>, kind = 'tel', heardMs = 9_000): void => {
    const parts = { class: kind, site: 's', csc: 'M', index: 0, topic }
    const stamps = { seq: 1, time: 0, received: 0 }
    const subject = `${kind}.s.M.0.${topic}`
    store.apply({ subject, parts, ...stamps, fields, snapshot: true, uncatalogued: false }, heardMs)
  }
  say('target', { azimuth: 0.8, tilt: 3, stow: 1 }, 'evt')
  say('one', { x: 1 })
  say('two', { x: 2 })
  say('old', { temperature: 4 }, 'tel', 1_000)
  say('azimuth', { actualVelocity: 1, actualPosition: 12.5 })
  say('settings', { speed: 3 })
  say('elevation', { actualTorque: 1 })
  store.settle()
  const parts = { topics: store.topics.value, component: undefined, nowMs: 10_000 }
  const of = (name: string, units?: string) => presentValueOf(parts, field(name, units))
  t.same(of('azimuth'), { name: 'azimuth.actualPosition', value: 12.5 })
  t.same(of('speed'), { name: 'settings.speed', value: 3 })
  t.equal(of('elevation'), undefined, 'no other field is taken for the position')
  t.equal(of('rotation'), undefined)
  t.equal(of('tilt'), undefined, 'an event tells what was asked for, not what is')
  t.equal(of('x'), undefined, 'where two say it, nobody knows which one is meant')
  t.equal(of('temperature'), undefined, 'what was said long ago is not how it is now')
  t.equal(of('speed', 'deg/s'), undefined, 'other units are another quantity')
})
