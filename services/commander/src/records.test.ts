import { isAckRecord, parseExecReply } from '@meridian/protocol/commands'
import t from 'tap'
import { canonical, stageOf } from './records.ts'

const stage = (reply: object) => stageOf(parseExecReply(new TextEncoder().encode(JSON.stringify(reply))))

t.test('each code of SAL becomes its stage', async t => {
  const stages = {
    300: 'inProgress',
    301: 'inProgress',
    302: 'inProgress',
    303: 'complete',
    [-300]: 'refused',
    [-301]: 'noack',
    [-302]: 'failed',
    [-303]: 'aborted',
    [-304]: 'timeout'
  }
  for (const [ack, state] of Object.entries(stages)) t.equal(stage({ ack: Number(ack) }).state, state)
  t.same(stage({ ack: 301, timeout: 5, result: 'r' }), {
    state: 'inProgress',
    ack: 301,
    result: 'r',
    timeoutSeconds: 5
  })
})

t.test(
  'whatever a component answers, its stage can be read back: an end that nobody reads is none',
  async t => {
    const command = { id: '01m8k2ajm389z5mqsk704vp4st', csc: 'Shed', index: 0, command: 'open' }
    const stamp = { ...command, time: 1, commander: 'commander-1', boot: 'b' }
    for (const odd of [1e99, -1e99, 2 ** 53, 1.5, -1, '7', null, [], { a: 1 }, true, '\u0000\ud800']) {
      const end = stage({ ack: 303, error: odd, result: odd, timeout: odd })
      t.ok(isAckRecord({ ...stamp, ...end }), JSON.stringify(end))
    }
    t.match(stage({ ack: -302, error: -2147483648 }), { error: -2147483648 })
  }
)

t.test('equal contents are equal texts, whatever the order of their keys', async t => {
  t.equal(canonical({ b: [{ d: 1, c: 2 }], a: 'x' }), canonical({ a: 'x', b: [{ c: 2, d: 1 }] }))
  t.not(canonical({ a: [1, 2] }), canonical({ a: [2, 1] }))
  t.not(canonical({ declination: -0 }), canonical({ declination: 0 }))
})
