/** The list of revocations by itself, with a clock that can be moved. */
import { startTestSite } from '@meridian/broker/testing'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { createRevoker } from '../src/index.ts'
import { createRevocations } from '../src/tokens/revocations.ts'

const START_S = 1_800_000_000

const principal = (name: string, issuedAt: number) => ({
  ...{ name, roles: [] },
  proof: { token: '', session: 's1', host: '', userRevision: 1, issuedAt, expiresAt: issuedAt + 300 }
})

t.test('what is written in the place of a revocation brings no token back', async t => {
  const { broker, stop } = await startTestSite({ streams: [], buckets: true })
  t.teardown(stop)
  const names = ['info', 'junk', 'empty']
  for (const name of names) await createRevoker(broker).revokeUser({ name, revision: 100 }, 'disabled')
  for (const [name, text] of [
    ['info', '{"type":"io.nats.jetstream.api.v1.stream_info_response","total":1}'],
    ['junk', 'no JSON'],
    ['empty', '']
  ] as const)
    await broker.request(`$KV.auth_revoked.user.${name}`, text, { timeoutMs: 5_000 })
  // A process that starts afterwards has never heard of the revocation itself.
  const revocations = createRevocations({ broker, name: 'check', log: createTestLog() })
  t.teardown(() => revocations.stop())
  const now = Date.now() / 1000
  await revocations.start()
  for (const name of names) {
    t.ok(revocations.whyEnded(principal(name, now - 10)), name)
    t.equal(revocations.whyEnded(principal(name, now + 60)), undefined, 'a new token is good')
  }
})

t.test('a revocation is over with the last token that it was for, whatever follows it', async t => {
  const { broker, stop } = await startTestSite({ streams: [], buckets: true })
  t.teardown(stop)
  let now = START_S
  const utcSeconds = (): number => now
  const revocations = createRevocations({ broker, name: 'check', log: createTestLog(), utcSeconds })
  t.teardown(() => revocations.stop())
  await revocations.start()
  await createRevoker(broker, utcSeconds).revokeUser({ name: 'ada', revision: 100 }, 'roles changed')
  const ofRevision = (userRevision: number) => ({
    ...{ name: 'ada', roles: [] },
    proof: { token: '', session: 's1', host: '', userRevision, issuedAt: now, expiresAt: now + 300 }
  })
  const whyEnded = (userRevision: number) => revocations.whyEnded(ofRevision(userRevision))
  await waitFor(() => whyEnded(99) !== undefined, { what: 'the revocation' })
  t.equal(whyEnded(100), undefined)
  now += 300
  t.equal(whyEnded(99), 'roles changed', 'as long as such a token may be shown')
  now += 300
  t.equal(whyEnded(2), undefined, 'made from a bucket of users that was made anew')
})
