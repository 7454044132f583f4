import t from 'tap'
import { CONDITIONS, conditionOf, isSilent, SILENT_AFTER_MS, urgencyOf } from './condition.ts'

const at = (more: object) =>
  conditionOf({ summaryState: 2, heartbeatMs: 10_000, dataMs: undefined, judgedAtMs: 10_500, ...more })

t.test('a fresh heartbeat leaves the summary state as it was said', async t => {
  t.equal(at({ summaryState: 1 }), 'disabled')
  t.equal(at({ summaryState: 2 }), 'enabled')
  t.equal(at({ summaryState: 3 }), 'fault')
  t.equal(at({ summaryState: 4 }), 'offline')
  t.equal(at({ summaryState: 5 }), 'standby')
})

t.test('a component whose heartbeat stopped is never enabled, disabled or in standby', async t => {
  for (const summaryState of [1, 2, 5])
    t.equal(at({ summaryState, judgedAtMs: 10_001 + SILENT_AFTER_MS }), 'silent')
})

t.test('a component of which a state is known but no heartbeat ever came is silent', async t => {
  t.equal(at({ heartbeatMs: undefined }), 'silent')
  t.ok(isSilent(undefined, 0))
})

t.test('FAULT stays FAULT and OFFLINE stays OFFLINE when heartbeats stop', async t => {
  t.equal(at({ summaryState: 3, judgedAtMs: 60_000 }), 'fault')
  t.equal(at({ summaryState: 4, heartbeatMs: undefined }), 'offline')
})

t.test('a state number that SAL does not have looks unknown, not healthy', async t => {
  t.equal(at({ summaryState: 9 }), 'nodata')
})

t.test('nothing known is no data, data without state is a device', async t => {
  t.equal(at({ summaryState: undefined, heartbeatMs: undefined }), 'nodata')
  t.equal(at({ summaryState: undefined, heartbeatMs: undefined, dataMs: 1 }), 'device')
})

t.test('silence does not count after the connection was lost, because the judging stops there', async t => {
  t.equal(at({ judgedAtMs: 10_000 }), 'enabled')
})

t.test('FAULT and SILENT are the most urgent', async t => {
  t.same(CONDITIONS.slice(0, 2), ['fault', 'silent'])
  t.equal(urgencyOf('enabled'), CONDITIONS.length - 1)
})
