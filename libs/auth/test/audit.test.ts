import { startTestSite, storedJson } from '@meridian/broker/testing'
import { createTestLog, waitFor } from '@meridian/testing'
import { systemClock as clock } from '@meridian/time'
import t from 'tap'
import { createAuditTrail } from '../src/audit/index.ts'

const REFUSED = { what: 'log-in-refused', name: 'ada', address: '10.0.0.1', code: 'AUT_BAD_LOGIN' } as const

t.test('what happened is stored; refusals of a minute are the first one and a sum', async t => {
  const { broker, stop } = await startTestSite()
  t.teardown(stop)
  const trail = createAuditTrail({
    ...{ broker, site: 'summit', name: 'api-1', clock, log: createTestLog() },
    sumMs: 500
  })
  const read = () => storedJson(broker, 'AUDIT', 'audit.summit.*')
  await trail.announce({ what: 'user-change-asked', name: 'bob', by: 'ada', address: '10.0.0.1' })
  t.match(await read(), [
    { subject: 'audit.summit.user-change-asked', by: 'ada', process: 'api-1', time: Number }
  ])
  for (let n = 0; n < 100; n++) trail.tell(REFUSED)
  trail.tell({ what: 'log-in', name: 'bob' })
  await waitFor(async () => (await read()).length === 4, { what: 'the sum' })
  t.match((await read()).slice(1), [
    { ...REFUSED, subject: 'audit.summit.log-in-refused', times: undefined },
    { what: 'log-in', name: 'bob' },
    { ...REFUSED, times: 99 }
  ])
  for (let n = 0; n < 3; n++) trail.tell(REFUSED)
  await trail.stop(5_000)
  t.match((await read()).slice(4), [REFUSED, { ...REFUSED, times: 2 }], 'the end writes what is left')
  t.equal(trail.lost(), 0)
})

t.test('where the stream is full a change is refused, and all else waits until there is room', async t => {
  const { broker, stop } = await startTestSite()
  t.teardown(stop)
  const ask = async (call: string, body: object = {}) => {
    const subject = `$JS.API.STREAM.${call}.AUDIT`
    return JSON.parse((await broker.request(subject, JSON.stringify(body), { timeoutMs: 2_000 })).text())
  }
  const { config } = await ask('INFO')
  await ask('UPDATE', { ...config, max_bytes: 10 })
  const trail = createAuditTrail({ broker, site: 'summit', name: 'api-1', clock, log: createTestLog() })
  t.teardown(() => trail.stop(10))
  await t.rejects(trail.announce({ what: 'user-change-asked' }), { code: 'BRK_STREAM_FULL' })
  trail.tell({ what: 'log-in', name: 'bob' })
  await ask('UPDATE', config)
  await waitFor(async () => (await ask('INFO')).state.messages === 1, { what: 'the log-in' })
  t.equal(trail.lost(), 0)
})

t.test('a stream that is full does not hold up the end, and what was not stored is told', async t => {
  const { broker, stop } = await startTestSite()
  t.teardown(stop)
  const ask = async (call: string, body: object = {}) => {
    const subject = `$JS.API.STREAM.${call}.AUDIT`
    return JSON.parse((await broker.request(subject, JSON.stringify(body), { timeoutMs: 2_000 })).text())
  }
  const { config } = await ask('INFO')
  await ask('UPDATE', { ...config, max_bytes: 10 })
  const log = createTestLog()
  const trail = createAuditTrail({ broker, site: 'summit', name: 'api-1', clock, log })
  for (const name of ['ada', 'bob']) trail.tell({ what: 'log-in', name })
  // Longer than a test may take: it ends because the stream has said that it is full.
  await trail.stop(600_000)
  t.match(log.records.at(-1), { records: 2, msg: /not stored/ })
})
