import t from 'tap'
import type { SourceMessage } from '../sources/source.ts'
import { queueEventOf } from './queue-event.ts'

/** A message that tells how often an object was made of its fields. */
function messageOf(kind: 'tel' | 'evt', csc: string, name: string) {
  let asked = 0
  const message: SourceMessage = {
    topic: { csc, index: 100_001, kind, name },
    stamps: { sndStamp: 1, seqNum: 1, origin: 1, identity: undefined, revCode: undefined },
    get fields() {
      asked++
      return { state: 3 }
    }
  }
  return { message, asked: () => asked }
}

t.test('an event of a script is one of its queue', async t => {
  const { message } = messageOf('evt', 'Script', 'state')
  t.match(queueEventOf(message, 5), { queue: 1, scriptIndex: 100_001, fields: { state: 3 }, sndStamp: 5 })
})

t.test(
  'of all other messages no object is made: that costs more than all else that is done with them',
  async t => {
    for (const [kind, csc, name] of [
      ['tel', 'MTM1M3', 'forceActuatorData'],
      ['evt', 'MTM1M3', 'summaryState'],
      ['evt', 'Script', 'logMessage']
    ] as const) {
      const { message, asked } = messageOf(kind, csc, name)
      t.equal(queueEventOf(message, 5), undefined)
      t.equal(asked(), 0, `${csc} ${name}`)
    }
  }
)
