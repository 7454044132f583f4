import fc from 'fast-check'
import t from 'tap'
import { type Load, parseLoad, scoreOf } from './load.ts'

const load: Load = {
  id: 'gateway-1',
  v: 1,
  conns: 10,
  egressBps: 5,
  elu: 0.1,
  score: 0.01,
  ready: true,
  draining: false
}
const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))

t.test('a load is read, also one of a later version that says more', async t => {
  t.same(parseLoad(bytesOf(load)), load)
  t.match(parseLoad(bytesOf({ ...load, v: 2, rooms: 3 })), { ...load, v: 2 })
})

t.test('what is no load is nothing', async t => {
  const wrong: Partial<Record<keyof Load, unknown>>[] = [
    { id: '' },
    { id: 'x'.repeat(129) },
    { id: 7 },
    { v: 0 },
    { conns: -1 },
    { conns: 1.5 },
    { conns: 1e9 },
    { egressBps: -1 },
    { elu: 1.1 },
    { elu: null },
    { score: -0.1 },
    { score: '1' },
    { ready: 1 },
    { draining: undefined }
  ]
  for (const member of wrong)
    t.equal(parseLoad(bytesOf({ ...load, ...member })), undefined, JSON.stringify(member))
  t.equal(parseLoad(Buffer.from(JSON.stringify(load).replace('0.01', '1e999'))), undefined, 'infinite')
  t.equal(parseLoad(bytesOf({ ...load, more: 'x'.repeat(2_000) })), undefined, 'too long')
  for (const text of ['', '{', 'null', '[]', '7', '"x"'])
    t.equal(parseLoad(Buffer.from(text)), undefined, text)
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), bytes => parseLoad(bytes) === undefined))
})

t.test('the score is the largest share; bytes and event loop count from half of their target on', async t => {
  const targets = { connections: 100, egressBps: 1000, elu: 0.8 }
  t.equal(scoreOf({ conns: 50, egressBps: 0, elu: 0 }, targets), 0.5)
  t.equal(scoreOf({ conns: 1, egressBps: 500, elu: 0.4 }, targets), 0.01)
  t.equal(scoreOf({ conns: 1, egressBps: 750, elu: 0 }, targets), 0.5)
  t.equal(scoreOf({ conns: 1, egressBps: 1000, elu: 0 }, targets), 1)
  t.equal(scoreOf({ conns: 1, egressBps: 0, elu: 0.8 }, targets), 1)
  t.equal(scoreOf({ conns: 200, egressBps: 1000, elu: 0.8 }, targets), 2)
})
