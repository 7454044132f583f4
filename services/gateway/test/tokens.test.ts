import { createRevoker, createSigner, type SignedFor } from '@meridian/auth'
import { storedJson } from '@meridian/broker/testing'
import { parseExecRequest } from '@meridian/protocol/commands'
import { everythingBelow, heartbeatOf } from '@meridian/subjects'
import { startSiteService, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { EventClient } from './event-client.ts'
import { startGatewayInside } from './gateway-inside.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const ADA: SignedFor = { name: 'ada', roles: ['viewer'], userRevision: 1, session: 's1', host: '10.0.0.7' }
const TEL = 'tel.summit.MTMount.0.azimuth'
const LOCAL = { AUTH_MODE: 'local' }

/** A site whose gateway lets people in by their tokens. */
async function openSite(t: Test, settings: Readonly<Record<string, string>> = {}) {
  const site = await startObservatory({ buckets: true })
  t.teardown(() => site.stop())
  const gateway = await startGatewayInside(t, site.nats.url, { ...LOCAL, ...settings })
  const signer = createSigner({ broker: site.broker, site: 'summit', keys: { has: () => false } })
  const tokenOf = async (who: Partial<SignedFor> = {}): Promise<string> =>
    (await signer.sign({ ...ADA, ...who })).token
  const open = async (token: string) =>
    LiveClient.open(gateway.port, 'msgpack', { headers: { authorization: `Bearer ${token}` } })
  return { site, gateway, tokenOf, open, revoker: createRevoker(site.broker) }
}

t.test('a client is let in by its token, in a header or in a cookie', async t => {
  const { site, gateway, tokenOf, open } = await openSite(t)
  const byHeader = await open(await tokenOf())
  t.match(await byHeader.next('welcome'), { principal: 'ada' })
  const cookie = `other=1; meridian_access=${await tokenOf({ name: 'bob' })}`
  const byCookie = await LiveClient.open(gateway.port, 'json', { headers: { cookie } })
  t.match(await byCookie.next('welcome'), { principal: 'bob' })
  await site.put(TEL)
  byCookie.send({ op: 'subscribe', id: 1, patterns: [{ pattern: TEL }] })
  await byCookie.hasSeen(1)
  for (const client of [byHeader, byCookie]) client.ws.close()
})

t.test('without a good token nobody comes in: a program has a status, a page is told', async t => {
  const { site, gateway, tokenOf } = await openSite(t)
  const origin = `http://127.0.0.1:${gateway.port}`
  const good = await tokenOf()
  const cases = [
    [{}, 'AUT_NO_TOKEN'],
    [{ authorization: 'Basic YTpi' }, 'AUT_NO_TOKEN'],
    [{ authorization: 'Bearer hello' }, 'AUT_BAD_TOKEN'],
    [{ cookie: 'meridian_access=hello' }, 'AUT_BAD_TOKEN'],
    [{ authorization: 'Bearer hello', cookie: `meridian_access=${good}` }, 'AUT_BAD_TOKEN']
  ] as const
  for (const [headers, code] of cases) {
    const page = await LiveClient.open(gateway.port, 'json', { headers: { ...headers, origin } })
    t.match((await page.next('error')).error, { code }, `a page: ${JSON.stringify(headers)}`)
    t.strictSame(await page.whenClosed(), { code: 4401, reason: code })
    t.strictSame(page.all('welcome'), [])
    const program = await fetch(`http://127.0.0.1:${gateway.port}/live/events?topics=${TEL}`, { headers })
    t.equal(program.status, 401)
    t.match(await program.json(), { error: { code } }, `a program: ${JSON.stringify(headers)}`)
  }
  const told = () => storedJson(site.broker, 'AUDIT', everythingBelow('audit', { site: 'summit' }))
  await waitFor(async () => (await told()).length > 0, { what: 'a refused token in the audit' })
  t.match(await told(), [
    { what: 'token-refused', code: 'AUT_BAD_TOKEN', address: '127.0.0.1', process: /./ }
  ])
  t.notMatch(JSON.stringify(await told()), /hello/)
})

t.test('who is logged out receives nothing more, within a second, and others do', async t => {
  const { site, tokenOf, open, gateway, revoker } = await openSite(t)
  const [ada, bob] = [await open(await tokenOf()), await open(await tokenOf({ name: 'bob', session: 's2' }))]
  const events = new EventClient(gateway.port, `topics=${TEL}`, {
    authorization: `Bearer ${await tokenOf()}`
  })
  for (const client of [ada, bob])
    client.send({ op: 'subscribe', id: 1, patterns: [{ pattern: TEL, quality: 'all' }] })
  for (const client of [ada, bob]) await client.next('live')
  await site.put(TEL)
  for (const client of [ada, bob]) await client.hasSeen(1)
  await revoker.revokeSession('s1', 'logged out')
  t.strictSame(await ada.whenClosed(), { code: 4401, reason: 'AUT_REVOKED' })
  t.match(ada.all('error').at(-1)?.error, { code: 'AUT_REVOKED', message: /logged out/ })
  await events.ended()
  const seen = ada.seen.length
  await site.put(TEL)
  await bob.hasSeen(2)
  t.equal(ada.seen.length, seen)
  t.equal(bob.closed, undefined)
  bob.ws.close()
})

t.test('a token that expires ends the connection', async t => {
  const { site, open } = await openSite(t)
  // Clocks may differ by thirty seconds: that long it is still taken.
  const late = createSigner({
    broker: site.broker,
    site: 'summit',
    keys: { has: () => false },
    lifeSeconds: -25
  })
  const client = await open((await late.sign(ADA)).token)
  await client.next('welcome')
  t.strictSame(await client.whenClosed(), { code: 4401, reason: 'AUT_EXPIRED' })
})

t.test('a client that shows a newer token of its session stays; any other token changes nothing', async t => {
  const { site, tokenOf, open } = await openSite(t)
  const late = createSigner({
    broker: site.broker,
    site: 'summit',
    keys: { has: () => false },
    lifeSeconds: -22
  })
  const { token } = await late.sign(ADA)
  const [client, other] = [await open(token), await open(token)]
  client.send({ op: 'authenticate', id: 1, token: 'hello' })
  client.send({ op: 'authenticate', id: 2, token: await tokenOf({ name: 'bob' }) })
  client.send({ op: 'authenticate', id: 3, token: await tokenOf({ session: 's2' }) })
  await client.next('error', 3)
  t.strictSame(
    client
      .all('error')
      .map(({ id, error }) => [id, error.code])
      .sort(),
    [
      [1, 'AUT_BAD_TOKEN'],
      [2, 'AUT_OTHER_USER'],
      [3, 'AUT_OTHER_USER']
    ]
  )
  client.send({ op: 'authenticate', id: 4, token: await tokenOf() })
  const { expiresIn } = await client.next('authenticated')
  t.ok((expiresIn ?? 0) > 200 && (expiresIn ?? 0) <= 300, `the end of the token itself: ${expiresIn} s`)
  t.match(await other.whenClosed(), { reason: 'AUT_EXPIRED' }, 'the token that both began with has ended')
  t.equal(client.closed, undefined)
  client.ws.close()
})

t.test(
  'a newer token with other rights ends the connection: what was subscribed by the old ones is over',
  async t => {
    const { tokenOf, open } = await openSite(t)
    for (const newer of [
      { roles: [] },
      { roles: ['viewer', 'operator'] },
      { scopes: ['command' as const] }
    ]) {
      const client = await open(await tokenOf())
      client.send({ op: 'authenticate', id: 1, token: await tokenOf(newer) })
      t.match(await client.whenClosed(), { code: 4401, reason: 'AUT_REVOKED' }, JSON.stringify(newer))
      t.same(client.all('authenticated').length, 0)
    }
  }
)

t.test('a client is asked to come back before its token ends', async t => {
  const { site, open } = await openSite(t)
  const late = createSigner({
    broker: site.broker,
    site: 'summit',
    keys: { has: () => false },
    lifeSeconds: 5
  })
  const client = await open((await late.sign(ADA)).token)
  const { reason, afterMs, deadlineMs } = await client.next('reconnect')
  t.equal(reason, 'maxage')
  t.ok(afterMs <= 10_000 && deadlineMs > 20_000 && deadlineMs <= 39_000, `${afterMs} ms, ${deadlineMs} ms`)
  t.equal(client.closed, undefined)
  client.ws.close()
})

t.test('a newer token keeps nobody who is to move to another gateway', async t => {
  const { tokenOf, open } = await openSite(t, { MAX_AGE_MS: '200', MOVE_DEADLINE_MS: '2000' })
  const client = await open(await tokenOf())
  await client.next('reconnect')
  client.send({ op: 'authenticate', id: 1, token: await tokenOf() })
  await client.next('authenticated')
  t.match(await client.whenClosed(), { reason: 'GTW_MOVE_OVERDUE' })
  t.equal(client.all('reconnect').length, 1, 'it is asked once')
})

t.test('a command goes with the token of whoever sends it, and nobody speaks for another', async t => {
  const { site, tokenOf, open } = await openSite(t)
  const commander = await startSiteService('commander', site.nats, LOCAL)
  t.teardown(() => commander.stop())
  const mount = { site: 'summit', csc: 'MTMount', index: 0 }
  const beat = setInterval(() => site.say(heartbeatOf(mount)), 200)
  t.teardown(() => clearInterval(beat))
  const identities: string[] = []
  site.broker.subscribe('exec.summit.MTMount.0.*', message => {
    identities.push(parseExecRequest(message).identity ?? '')
    message.respond(JSON.stringify({ ack: 303, result: 'Done' }))
  })
  const stop = { op: 'command', csc: 'MTMount', index: 0, command: 'stop', params: {} } as const
  const operator = await open(await tokenOf({ name: 'otto', roles: ['operator'], session: 's5' }))
  operator.send({ ...stop, id: '01jd3xkq7m5v8w2n4p6r9t0abd' })
  t.match(await operator.next('command'), { accepted: { state: 'accepted' } })
  await waitFor(() => identities.length === 1, { what: 'the command at the component' })
  t.strictSame(identities, ['otto@10.0.0.7'], "SAL's identity: user@host")
  const viewer = await open(await tokenOf())
  viewer.send({ ...stop, id: '01jd3xkq7m5v8w2n4p6r9t0abe' })
  t.match(await viewer.next('command'), { error: { code: 'CMD_NOT_ALLOWED', facts: { principal: 'ada' } } })
  const claim = JSON.stringify({ principal: { name: 'otto', roles: ['operator'] } })
  const direct = await site.broker.request('cmd.summit.MTMount.0.stop', claim, { timeoutMs: 5_000 })
  t.match(JSON.parse(direct.text()), { error: { code: 'AUT_NO_TOKEN' } }, 'a claim alone is worth nothing')
  for (const client of [operator, viewer]) client.ws.close()
})
