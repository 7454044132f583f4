import t from 'tap'
import type { Message } from './message.ts'
import { createSentSamples } from './sent-samples.ts'
import type { View } from './view.ts'

const messageOf = (subject: string, time: number): Message =>
  ({ topic: { subject }, content: { time }, timeUs: time * 10 }) as unknown as Message
const viewOf = (lists: Partial<View>): View => ({ now: [], tick: [], latest: [], ...lists }) as View

t.test(
  'of each list that is flushed one message is told, in turn, and only when it has been sent',
  async t => {
    const told: unknown[] = []
    const sampleOf = createSentSamples((...sent) => told.push(sent))
    const now = [messageOf('evt.a', 1), messageOf('evt.b', 2)]
    const view = viewOf({ now, latest: [messageOf('tel.a', 3)] })
    const tell = sampleOf(view, false)
    t.same(told, [], 'before it was sent')
    tell()
    t.same(told, [['evt.a', 1, 10]], 'what waits for the tick was not sent')
    told.length = 0
    for (let flush = 0; flush < 4; flush++) sampleOf(view, true)()
    const subjects = told.map(sent => (sent as readonly unknown[])[0])
    t.equal(subjects.filter(one => one === 'tel.a').length, 4)
    t.ok(subjects.includes('evt.a') && subjects.includes('evt.b'), 'each place has its turn')
    sampleOf(viewOf({}), true)()
    t.equal(told.length, 8, 'nothing is told of nothing')
  }
)

t.test('where nobody listens nothing is picked', async t => {
  createSentSamples(undefined)(viewOf({ now: [messageOf('evt.a', 1)] }), true)()
  t.pass()
})
