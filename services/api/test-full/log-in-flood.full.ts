/** Each password that is checked costs a tenth of a second: many at once. How they take turns: libs/auth, password.test.ts. */
import { startSiteService } from '@meridian/testing'
import t from 'tap'
import { get, openSite, post } from '../test/harness.ts'

const PASSWORD = 'correct horse battery'
const { nats } = await openSite(t, { buckets: true })
const api = await startSiteService('api', nats, { AUTH_MODE: 'local', TRUSTED_PROXIES: 'loopback' })
t.teardown(() => api.stop())
const [token] = api.lines.flatMap(line => /"token":"([\w-]+)"/.exec(line)?.[1] ?? [])
await post(api.address, '/api/users/first', { token, name: 'root', password: PASSWORD })

t.test('a flood of log-ins is answered in part, and everything else as ever', async t => {
  let open = 0
  const flood = Array.from({ length: 300 }, async (_, at) => {
    open++
    const answer = await get(api.address, '/api/session', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': `203.0.113.${at % 250}`
      },
      body: JSON.stringify({ name: `user${at}`, password: PASSWORD })
    })
    open--
    return answer
  })
  t.match(await get(api.address, '/livez'), { status: 200 })
  t.ok(open > 0, 'before the last password is checked')
  const answers = await Promise.all(flood)
  const busy = answers.filter(({ status }) => status === 503)
  t.ok(busy.length > 50, `${busy.length} are sent away`)
  for (const { body, headers } of busy) {
    t.equal(body.error?.code, 'AUT_BUSY')
    t.equal(headers.get('retry-after'), '2')
  }
  t.same([...new Set(answers.map(({ status }) => status))].sort(), [401, 503])
  t.match(await post(api.address, '/api/session', { name: 'root', password: PASSWORD }), { status: 200 })
})
