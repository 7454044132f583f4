import type { AuthEvent } from '@meridian/auth/users'
import type { Metrics } from '@meridian/service'
import { createTestLog } from '@meridian/testing'
import t from 'tap'
import { createAudit } from './audit.ts'

t.test('a broker that does not answer refuses nobody: it is counted and logged, and not audited', async t => {
  const [log, told, counted] = [createTestLog(), [] as AuthEvent[], [] as string[]]
  const counter = (name: string) => ({
    inc: (labels: object = {}) => void counted.push(`${name} ${JSON.stringify(labels)}`)
  })
  const metrics = { counter } as unknown as Metrics
  const audit = createAudit({ log, metrics, trail: { tell: event => void told.push(event) } })
  const address = '10.0.0.7'
  const refused = { what: 'refresh-refused', address, code: 'AUT_SESSION_ENDED' } as const
  audit(refused)
  for (const what of ['refresh-refused', 'log-in-refused', 'token-refused'] as const)
    for (const code of ['BRK_TIMEOUT', 'GEN_INTERNAL']) audit({ what, address, code })
  t.same(told, [refused])
  t.match(
    log.records.map(({ msg, what }) => [msg, what]),
    [
      ['users: refresh-refused', 'refresh-refused'],
      ['users: refresh-failed', 'refresh-failed'],
      ['users: refresh-failed', 'refresh-failed'],
      ['users: log-in-failed', 'log-in-failed']
    ]
  )
  t.ok(counted.includes('meridian_api_refreshes_total {"outcome":"BRK_TIMEOUT"}'))
  t.equal(counted.length, 7)
})
