import t from 'tap'
import { bannerOf, healthOf, type LinkEvidence, QUIET_AFTER_MS } from './connection-health.ts'

const NOW = 100_000
const flowing: LinkEvidence = {
  status: { state: 'live', broker: 'connected' },
  nowMs: NOW,
  stateSinceMs: 0,
  messageMs: NOW - 100,
  dataMs: NOW - 100,
  mayHearProducers: true,
  awakeSinceMs: 0,
  brokenMs: undefined,
  lastLiveMs: NOW
}
const with_ = (more: Partial<LinkEvidence>) => healthOf({ ...flowing, ...more })
const longAgo = NOW - QUIET_AFTER_MS - 1

t.test('a live connection with flowing data is sound and has no banner', async t => {
  t.same(with_({}), { kind: 'sound' })
  t.equal(bannerOf({ kind: 'sound' }), undefined)
})

t.test('the link is judged before the broker, the broker before the data', async t => {
  const broker = { state: 'live', broker: 'lost' } as const
  t.match(with_({ dataMs: longAgo }), { kind: 'quiet', sinceMs: longAgo })
  t.match(with_({ dataMs: longAgo, status: broker }), { kind: 'broker', sinceMs: longAgo })
  t.match(with_({ dataMs: longAgo, messageMs: longAgo }), { kind: 'stalled' })
  t.match(with_({ dataMs: longAgo, messageMs: longAgo, status: broker }), { kind: 'stalled' })
})

t.test(
  'a gateway or a broker that is just back is catching up, and is told to have no data only later',
  async t => {
    const back = { dataMs: longAgo, brokenMs: NOW - 500 }
    t.match(with_(back), { kind: 'resuming', sinceMs: longAgo })
    t.match(bannerOf(with_(back)), /^CATCHING UP/)
    t.match(with_({ ...back, dataMs: NOW - 100 }), { kind: 'sound' })
    t.match(with_({ ...back, brokenMs: longAgo }), { kind: 'quiet' })
    t.match(with_({ ...back, status: { state: 'live', broker: 'lost' } }), { kind: 'broker' })
  }
)

t.test('a lost connection is told from one that never was and from one that was refused', async t => {
  const waiting = { state: 'waiting', broker: 'unknown' } as const
  t.match(with_({ status: waiting }), { kind: 'lost', sinceMs: NOW - 100 })
  const attempt = { status: waiting, dataMs: undefined, lastLiveMs: NOW - 12_000, stateSinceMs: NOW - 500 }
  t.match(
    with_(attempt),
    { kind: 'lost', sinceMs: NOW - 12_000 },
    'as old as the loss, not as the last attempt'
  )
  t.match(with_({ status: waiting, lastLiveMs: undefined }), { kind: 'connecting' })
  t.match(with_({ status: { state: 'closed', broker: 'unknown' } }), { kind: 'closed' })
})

t.test(
  'a connection that has just become live gets time for its first data, a page that slept too',
  async t => {
    t.same(with_({ dataMs: undefined, messageMs: undefined, stateSinceMs: NOW - 1000 }), { kind: 'sound' })
    t.same(with_({ dataMs: longAgo, messageMs: longAgo, awakeSinceMs: NOW - 1000 }), { kind: 'sound' })
  }
)

t.test('every health but sound says something', async t => {
  for (const kind of ['connecting', 'lost', 'stalled', 'broker', 'resuming', 'quiet'] as const)
    t.ok(bannerOf({ kind, sinceMs: 0 }))
  t.match(bannerOf({ kind: 'closed', sinceMs: 0, reason: 'no right' }), /no right/)
})

t.test('a link on which no data may be read is sound while the gateway answers', async t => {
  const unread = { mayHearProducers: false, dataMs: undefined }
  t.same(with_(unread), { kind: 'sound' })
  t.match(with_({ ...unread, messageMs: longAgo }), { kind: 'stalled' })
  t.match(with_({ ...unread, status: { state: 'live', broker: 'lost' } }), { kind: 'broker' })
})
