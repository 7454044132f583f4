import type { ClientStatus } from '@meridian/client'
import t from 'tap'
import { bannerOf, healthOf, QUIET_AFTER_MS } from './connection-health.ts'

const live: ClientStatus = { state: 'live', broker: 'connected', sinceMs: 0, attempt: 0, lastUpdateMs: 1000 }

t.test('a live connection with flowing data is sound and has no banner', async t => {
  t.same(healthOf(live, 1500, true), { kind: 'sound' })
  t.equal(bannerOf({ kind: 'sound' }), undefined)
})

t.test('data that stops, a lost broker and a lost connection are each told apart', async t => {
  t.match(healthOf(live, 1001 + QUIET_AFTER_MS, true), { kind: 'quiet', sinceMs: 1000 })
  t.match(healthOf({ ...live, broker: 'lost' }, 1500, true), { kind: 'broker' })
  t.match(healthOf({ ...live, state: 'waiting' }, 1500, true), { kind: 'lost' })
  t.match(healthOf({ ...live, state: 'connecting' }, 1500, false), { kind: 'connecting' })
  t.match(healthOf({ ...live, state: 'closed' }, 1500, true), { kind: 'closed' })
})

t.test('a connection that has just become live gets time for its first data', async t => {
  t.same(healthOf({ ...live, sinceMs: 60_000 }, 61_000, true), { kind: 'sound' })
})

t.test('every health but sound says something', async t => {
  for (const kind of ['connecting', 'lost', 'broker', 'quiet'] as const) t.ok(bannerOf({ kind, sinceMs: 0 }))
  t.match(bannerOf({ kind: 'closed', sinceMs: 0, reason: 'no right' }), /no right/)
})
