import fc from 'fast-check'
import t from 'tap'
import { connectionsToShed, type OwnLoad, type PeerLoad } from './shed-decision.ts'

const TARGET = 1000
const own = (conns: number, more: Partial<OwnLoad> = {}): OwnLoad => ({
  conns,
  score: conns / TARGET,
  ready: true,
  draining: false,
  leaving: 0,
  ...more
})
const peer = (conns: number, more: Partial<PeerLoad> = {}): PeerLoad => ({
  score: conns / TARGET,
  ready: true,
  draining: false,
  ...more
})

t.test('a quarter of the excess leaves at once, and no more than a tenth of all', async t => {
  t.equal(connectionsToShed(own(200), [peer(200), peer(0), peer(0)]), 20)
  t.equal(connectionsToShed(own(200), [peer(120), peer(120), peer(120)]), 15)
  t.equal(connectionsToShed(own(20), [peer(0)]), 2)
})

t.test('what is on its way elsewhere is not counted twice', async t => {
  t.equal(connectionsToShed(own(200, { leaving: 80 }), [peer(200), peer(0), peer(0)]), 5)
  t.equal(connectionsToShed(own(200, { leaving: 100 }), [peer(200), peer(0), peer(0)]), 0)
  t.equal(connectionsToShed(own(200, { leaving: 200 }), [peer(200), peer(0), peer(0)]), 0)
})

t.test('within a tenth of the mean, or two connections, nobody leaves', async t => {
  t.equal(connectionsToShed(own(110), [peer(90)]), 0)
  t.equal(connectionsToShed(own(112), [peer(88)]), 3)
  t.equal(connectionsToShed(own(4), [peer(0)]), 0)
  t.equal(connectionsToShed(own(5), [peer(0)]), 1)
  t.equal(connectionsToShed(own(0), [peer(0)]), 0)
})

t.test(
  'nobody leaves for a gateway that is alone, not ready, or drains, or while another one drains',
  async t => {
    t.equal(connectionsToShed(own(200), []), 0)
    t.equal(connectionsToShed(own(200), [peer(0, { ready: false })]), 0)
    t.equal(connectionsToShed(own(200, { ready: false }), [peer(0)]), 0)
    t.equal(connectionsToShed(own(200, { draining: true }), [peer(0)]), 0)
    t.equal(connectionsToShed(own(200), [peer(0), peer(0, { draining: true, ready: false })]), 0)
  }
)

t.test('a gateway that is busy for another reason than connections sheds its share of them', async t => {
  t.equal(connectionsToShed(own(100, { score: 1.2 }), [peer(0, { score: 0.4 })]), 9)
})

t.test('whatever the figures, it is a whole number of connections that are there', async () => {
  const score = fc.double({ min: 0, max: 1e15, noNaN: true })
  const some = fc.record({ score, ready: fc.boolean(), draining: fc.boolean() })
  const mine = fc
    .record({ conns: fc.nat(10_000), share: fc.double({ min: 0, max: 1, noNaN: true }), score })
    .map(({ conns, share, score }) => own(conns, { score, leaving: Math.floor(conns * share) }))
  fc.assert(
    fc.property(mine, fc.array(some, { maxLength: 8 }), (load, peers) => {
      const count = connectionsToShed(load, peers)
      return Number.isInteger(count) && count >= 0 && count <= Math.ceil((load.conns - load.leaving) / 10)
    })
  )
})

/** One round of all gateways at once; those that leave come to where `choose` says. Gives how many left. */
function round(conns: number[], choose: (conns: readonly number[]) => number): number {
  const leaving = conns.map((mine, at) =>
    connectionsToShed(
      own(mine),
      conns.filter((_, other) => other !== at).map(count => peer(count))
    )
  )
  for (const [at, count] of leaving.entries()) conns[at] = (conns[at] as number) - count
  const total = leaving.reduce((sum, count) => sum + count, 0)
  for (let left = total; left > 0; left--) {
    const at = choose(conns)
    conns[at] = (conns[at] as number) + 1
  }
  return total
}

const emptiest = (conns: readonly number[]): number => conns.indexOf(Math.min(...conns))
function createTurns(): (conns: readonly number[]) => number {
  let turn = 0
  return conns => turn++ % conns.length
}

t.test('from any spread, behind any balancer, it comes to rest near the mean and stays there', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { minLength: 2, maxLength: 6 }), fc.boolean(), (start, isLeast) => {
      const conns = [...start]
      const choose = isLeast ? emptiest : createTurns()
      for (let i = 0; i < 300; i++) round(conns, choose)
      const mean = conns.reduce((sum, count) => sum + count, 0) / conns.length
      const isEven = Math.max(...conns) <= Math.max(mean * 1.1, mean + 2) + 1e-6
      return isEven && round(conns, choose) === 0
    }),
    { numRuns: 300 }
  )
})

t.test('behind least connections hardly more move than have to', async () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500), { minLength: 2, maxLength: 6 }), start => {
      const conns = [...start]
      const mean = conns.reduce((sum, count) => sum + count, 0) / conns.length
      const needed = conns.reduce((sum, count) => sum + Math.max(0, count - mean), 0)
      let moved = 0
      for (let i = 0; i < 300; i++) moved += round(conns, emptiest)
      return moved <= needed + conns.length
    }),
    { numRuns: 300 }
  )
})
