import t from 'tap'
import { createPeers } from './peers.ts'

const said = (id: string, conns = 1): Uint8Array =>
  Buffer.from(
    JSON.stringify({ id, v: 1, conns, egressBps: 0, elu: 0, score: 0, ready: true, draining: false })
  )

t.test('what each said last counts for three seconds; what it says itself does not', async t => {
  let now = 0
  const peers = createPeers('me', () => now)
  peers.hear(said('a'))
  peers.hear(said('me'))
  now = 2_000
  peers.hear(said('b'))
  peers.hear(said('b', 7))
  t.match(peers.live(), [{ id: 'a' }, { id: 'b', conns: 7 }])
  now = 3_001
  t.match(peers.live(), [{ id: 'b' }])
  now = 5_001
  t.same(peers.live(), [])
  t.equal(peers.bad(), 0)
})

t.test('nonsense, and names without end, are counted and left out', async t => {
  let now = 0
  const peers = createPeers('me', () => now)
  peers.hear(Buffer.from('{'))
  t.equal(peers.bad(), 1)
  for (let i = 0; i < 300; i++) peers.hear(said(`peer-${i}`))
  t.equal(peers.live().length, 200)
  t.equal(peers.bad(), 101)
  peers.hear(said('peer-1', 5))
  t.equal(peers.live()[1]?.conns, 5, 'those that are known are heard')
  now = 3_001
  peers.hear(said('late'))
  t.match(peers.live(), [{ id: 'late' }])
})
