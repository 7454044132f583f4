import t from 'tap'
import { scoreOf } from './load.ts'

t.test('the score is the largest share; bytes and event loop count from half of their target on', async t => {
  const targets = { connections: 100, egressBps: 1000, elu: 0.8 }
  t.equal(scoreOf({ conns: 50, egressBps: 0, elu: 0 }, targets), 0.5)
  t.equal(scoreOf({ conns: 1, egressBps: 500, elu: 0.4 }, targets), 0.01)
  t.equal(scoreOf({ conns: 1, egressBps: 750, elu: 0 }, targets), 0.5)
  t.equal(scoreOf({ conns: 1, egressBps: 1000, elu: 0 }, targets), 1)
  t.equal(scoreOf({ conns: 1, egressBps: 0, elu: 0.8 }, targets), 1)
  t.equal(scoreOf({ conns: 200, egressBps: 1000, elu: 0.8 }, targets), 2)
})
