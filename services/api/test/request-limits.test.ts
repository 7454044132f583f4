/** Requests of one user, of one token and of one address: too many are refused, and nobody else notices. */
import type { LoggedInAnswer, MadePersonalTokenAnswer } from '@meridian/protocol/http'
import { startSiteService } from '@meridian/testing'
import t from 'tap'
import { type Answer, get, openSite, post } from './harness.ts'

const PASSWORD = 'correct horse battery'
/** Ten seconds of requests may come at once. */
const [USERS, ADDRESSES] = [3, 6]
const BURST = 10

const { nats } = await openSite(t, { buckets: true })
const limits = { MAX_REQUESTS_PER_PRINCIPAL: `${USERS}`, MAX_REQUESTS_PER_ADDRESS: `${ADDRESSES}` }
const api = await startSiteService('api', nats, {
  ...{ ...limits, AUTH_MODE: 'local', TRUSTED_PROXIES: 'loopback' }
})
t.teardown(() => api.stop())
const { address } = api

const firstToken = /"token":"([\w-]+)"/.exec(api.lines.join('\n'))?.[1] ?? ''
await post(address, '/api/users/first', { token: firstToken, name: 'root', password: PASSWORD })
const logIn = async (name: string): Promise<string> => {
  const answer = await post<LoggedInAnswer>(address, '/api/session', {
    name,
    password: PASSWORD,
    cookies: false
  })
  return answer.body.token
}
const root = await logIn('root')
const asked = (token: string, from = '127.0.0.1', path = '/api/me') =>
  get(address, path, {
    headers: { ...(token !== '' && { authorization: `Bearer ${token}` }), 'x-forwarded-for': from }
  })
const refusedOf = (answers: readonly Answer<unknown>[]) => answers.filter(({ status }) => status === 429)

/** So many at once; the refusals among the answers. */
async function flood(
  count: number,
  ask: () => Promise<Answer<unknown>>
): Promise<readonly Answer<unknown>[]> {
  return refusedOf(await Promise.all(Array.from({ length: count }, ask)))
}

t.test(
  'a user may send a burst, and is told when he may go on; another user and a token of his may',
  async t => {
    const headers = { authorization: `Bearer ${root}`, 'content-type': 'application/json' }
    const ada = { name: 'ada', password: PASSWORD, roles: ['viewer'] }
    await get(address, '/api/users', { method: 'POST', headers, body: JSON.stringify(ada) })
    const { body } = await get<MadePersonalTokenAnswer>(address, '/api/tokens', {
      ...{ method: 'POST', headers, body: JSON.stringify({ name: 'script', scopes: ['read'] }) }
    })
    const asAda = await logIn('ada')
    const refused = await flood(USERS * BURST * 3, () => asked(root))
    t.ok(refused.length > 0, `${refused.length} are refused`)
    t.ok(refused.length < USERS * BURST * 2 + 10, 'the burst is taken')
    for (const { headers, body } of refused) {
      t.match(body.error, {
        code: 'NET_TOO_MANY_REQUESTS',
        canRetry: true,
        facts: { by: 'principal', perSecond: USERS }
      })
      t.equal(headers.get('retry-after'), '1')
    }
    t.equal((await asked(asAda)).status, 200)
    t.equal((await asked(body.token)).status, 200)
    const ofToken = await flood(USERS * BURST * 2, () => asked(body.token))
    t.ok(ofToken.length > 0, 'a token has a limit of its own')
    t.equal((await asked(asAda)).status, 200)
  }
)

t.test('an address may send a burst, whoever asks, and neither another nor the probes notice', async t => {
  const count = ADDRESSES * BURST * 2
  const refused = await flood(count, () => asked('', '203.0.113.1'))
  t.ok(refused.length > 0 && refused.length <= count - ADDRESSES * BURST)
  for (const { body } of refused) t.match(body.error, { facts: { by: 'address', perSecond: ADDRESSES } })
  t.equal((await asked('', '203.0.113.2')).status, 401)
  t.equal((await asked('', '203.0.113.1', '/livez')).status, 200)
  const network = (at: number) => `2001:db8:0:1::${at.toString(16)}`
  let at = 0
  const ofNetwork = await flood(count, () => asked('', network(++at)))
  t.ok(ofNetwork.length > 0, 'the addresses of one network of IPv6 are one')
})

t.test('the machine itself is not counted', async t => {
  t.same(await flood(ADDRESSES * BURST * 2, () => asked('')), [])
})

t.test('refusals are counted, and each of whoever is refused is named once in the log', async t => {
  const metrics = await (await fetch(`${address}/metrics`)).text()
  t.match(metrics, /meridian_api_limited_total\{by="principal",service="api"\} [1-9]/)
  t.match(metrics, /meridian_api_limited_total\{by="address",service="api"\} [1-9]/)
  const told = api.lines.filter(line => line.includes('more was asked for than one may'))
  const named = told.map(line => {
    const { code, principal, address } = JSON.parse(line)
    return [code, principal ?? address]
  })
  const code = 'NET_TOO_MANY_REQUESTS'
  t.equal(named.length, 4)
  t.match(named.sort(), [
    [code, '2001:db8:0:1'],
    [code, '203.0.113.1'],
    [code, 'root'],
    [code, /^root by token [0-9A-Za-z]{12}$/]
  ])
})

t.test('where nobody logs in, and where a limit is 0, nobody is refused', async t => {
  const open = await startSiteService('api', nats, {
    ...limits,
    MAX_REQUESTS_PER_ADDRESS: '0',
    TRUSTED_PROXIES: 'loopback'
  })
  t.teardown(() => open.stop())
  const ask = () => get(open.address, '/api/me', { headers: { 'x-forwarded-for': '203.0.113.1' } })
  t.same(await flood(ADDRESSES * BURST * 2, ask), [])
})
