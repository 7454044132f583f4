/** The table of limits in docs/protocol.md is true: each row is exceeded, and an honest client beside notices nothing. */
import { readFileSync } from 'node:fs'
import { codes, type WireError } from '@meridian/errors'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { startGatewayInside } from './gateway-inside.ts'
import { metricsOf } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const page = (name: string): string =>
  readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8')
const protocol = page('protocol')
const [, table = ''] = /## Limits\n([\s\S]*?)\n- \*\*/.exec(protocol) ?? []
const rows = [...table.matchAll(/^\| (.+?) \| (.+?) \|(.*?)\|(.*?)\| (.+?) \|$/gm)]
  .map(([, what = '', , , code = '', connection = '']) => ({ what, code: code.trim(), connection }))
  .filter(({ what }) => what !== 'what a client may ask for')

const site = await startObservatory()
t.teardown(() => site.stop())
const evt = (topic: string): string => `evt.summit.Limits.0.${topic}`
const TOPICS = 30
for (let i = 0; i < TOPICS; i++) await site.put(evt(`topic${i}`))
const settings = { MAX_CONNECTIONS: '5', MAX_TOPICS: '20', MAX_BUFFERED_BYTES: '65536' }
const { port } = await startGatewayInside(t, site.nats.url, settings)
const forwarded = await startGatewayInside(t, site.nats.url, {
  ...{ TRUSTED_PROXIES: 'loopback', MAX_CONNECTIONS_PER_ADDRESS: '2' }
})
const proof = {
  token: 'x',
  session: 's1',
  host: 'x',
  userRevision: 1,
  issuedAt: 0,
  expiresAt: Number.POSITIVE_INFINITY
}
const named = await startGatewayInside(
  t,
  site.nats.url,
  { MAX_CONNECTIONS_PER_PRINCIPAL: '2' },
  { authenticate: async ({ headers }) => ({ name: `${headers['x-user']}`, roles: ['operator'], proof }) }
)
const hasty = await startGatewayInside(t, site.nats.url, {
  ...{ TRUSTED_PROXIES: 'loopback', MAX_REQUESTS_PER_ADDRESS: '2' }
})
const small = await startGatewayInside(t, site.nats.url, {
  ...{ MAX_BYTES_PER_SECOND: '65536', MAX_FRAMES_PER_SECOND: '500' }
})
const slow = await startGatewayInside(t, site.nats.url, { MAX_WORK_PER_SECOND: '1000' })

/** Exceeds one limit; gives the code that it was told, where the connection ended, and with what. */
type Exceed = (client: LiveClient) => Promise<{ readonly code: string; readonly connection: string }>

/** The code of the last error, once the connection has ended or has answered a ping behind it. */
async function outcomeOf(client: LiveClient): Promise<{ code: string; connection: string }> {
  const isAnswered = (): boolean => {
    if (client.closed !== undefined || client.all('pong').some(({ id }) => id === 9_999)) return true
    if (client.ws.readyState === client.ws.OPEN) client.send({ op: 'ping', id: 9_999 })
    return false
  }
  await waitFor(() => (client.closed !== undefined || client.all('error').length > 0) && isAnswered(), {
    ...{ what: 'an end, or an answer behind the refusal', everyMs: 200 }
  })
  const { closed } = client
  const code = client.all('error').at(-1)?.error.code ?? ''
  return { code, connection: closed === undefined ? 'goes on' : String(closed.code) }
}

const subscribe = (client: LiveClient, id: number, ...patterns: readonly string[]): void =>
  client.send({ op: 'subscribe', id, patterns: patterns.map(pattern => ({ pattern })) })
/** Frames as they are, however often. */
const says =
  (text: (n: number) => string, count = 1): Exceed =>
  client => {
    for (let n = 0; n < count; n++) client.ws.send(text(n))
    return outcomeOf(client)
  }
const ping = (id: number): string => JSON.stringify({ op: 'ping', id })
/** A subscription of which a part is refused. */
async function refusedOf(client: LiveClient, patterns: readonly string[]): ReturnType<Exceed> {
  subscribe(client, 1, ...patterns)
  const { refused } = await client.next('subscribed')
  return { code: refused[0]?.error.code ?? '', connection: 'goes on' }
}

/** Two connections of one are taken and the third is not; another one's is, and the third as well once one has gone. */
async function thirdOf(at: number, headersOf: (who: 'one' | 'two') => Record<string, string>) {
  const address = `http://127.0.0.1:${at}/live/events?topics=${evt('topic1')}`
  const ask = (who: 'one' | 'two') => fetch(address, { headers: headersOf(who) })
  const first = await LiveClient.open(at, 'json', { headers: headersOf('one') })
  const others = [await ask('one'), await ask('two')]
  t.same(
    others.map(({ status }) => status),
    [200, 200]
  )
  const refused = await ask('one')
  t.equal(refused.headers.get('retry-after'), '10')
  const { error } = (await refused.json()) as { error: { code: string } }
  const page = await LiveClient.open(at, 'json', {
    headers: { ...headersOf('one'), origin: `http://127.0.0.1:${at}` }
  })
  t.match((await page.next('error')).error, { code: 'GTW_TOO_MANY_CONNECTIONS' }, 'a page is told')
  t.match(await page.whenClosed(), { code: 1013 })
  const local = await Promise.all([1, 2, 3].map(() => LiveClient.open(forwarded.port, 'json')))
  for (const { ws } of local) ws.terminate()
  first.ws.terminate()
  const askAgain = async () => {
    const answer = await ask('one')
    return answer.status === 200 ? answer : undefined
  }
  others.push(await waitFor(askAgain, { what: 'there is room again' }))
  for (const { body } of others) await body?.cancel()
  return { code: error.code, connection: `HTTP ${refused.status}` }
}

/** More requests than one address may begin, upgrades among them; another one's are taken. */
async function floodOf(): ReturnType<Exceed> {
  const ask = (at: number, from = '203.0.113.9') =>
    fetch(`http://127.0.0.1:${hasty.port}/live${at % 2 === 0 ? '' : '/events?topics=x'}`, {
      headers: { 'x-forwarded-for': from }
    })
  const answers = await Promise.all(Array.from({ length: 60 }, (_, at) => ask(at)))
  const refused = answers.filter(({ status }) => status === 429)
  const codesOf = await Promise.all(refused.map(answer => answer.json() as Promise<{ error: WireError }>))
  const again = await Promise.all(
    answers.filter(answer => !refused.includes(answer)).map(answer => answer.body?.cancel())
  )
  if (again.length < 20) throw new Error('the burst is not taken')
  await waitFor(() => isUpgradeRefused(30), { what: 'an upgrade is refused' })
  const other = await ask(0, '203.0.113.10')
  if (other.status !== 426) throw new Error(`another address gets ${other.status}`)
  const text = await metricsOf(hasty.port)
  const counted = /refused_total\{[^}]*code="(NET_TOO_MANY_REQUESTS)"/.exec(text)?.[1]
  return {
    code: codesOf.every(({ error }) => error.code === counted) ? `${counted}` : 'others',
    connection: `HTTP ${refused[0]?.status}`
  }
}

/** Whether of so many upgrades at once one is refused. */
async function isUpgradeRefused(count: number): Promise<boolean> {
  const headers = { 'x-forwarded-for': '203.0.113.9' }
  const clients = Array.from({ length: count }, () => new LiveClient(hasty.port, 'json', { headers }))
  const hasAnswer = ({ ws, closed }: LiveClient) => closed !== undefined || ws.readyState === ws.OPEN
  await waitFor(() => clients.every(hasAnswer), { what: 'each upgrade has its answer' })
  const isRefused = clients.some(({ closed }) => closed !== undefined)
  for (const { ws } of clients) ws.terminate()
  return isRefused
}

/** Frames of 64 KB to a gateway that takes four of them at once. */
async function bytes(count: number): ReturnType<Exceed> {
  const client = await LiveClient.open(small.port, 'json')
  const outcome = await says(() => ping(1).padEnd(65_000), count)(client)
  client.ws.terminate()
  return outcome
}

const exceed: Readonly<Record<string, Exceed>> = {
  'connections of a gateway': async () => {
    const clients = Array.from({ length: 6 }, () => new LiveClient(port, 'json'))
    await waitFor(() => clients.some(({ closed }) => closed !== undefined), { what: 'a refusal' })
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`)
    for (const { ws } of clients) ws.terminate()
    const code = /refused_total\{[^}]*code="(GTW_FULL)"/.exec(await answer.text())?.[1] ?? ''
    return { code, connection: `HTTP ${codes.GTW_FULL.http}` }
  },
  'connections of one user': () => thirdOf(named.port, user => ({ 'x-user': user })),
  'connections of one address': () =>
    thirdOf(forwarded.port, host => ({ 'x-forwarded-for': host === 'one' ? '203.0.113.1' : '203.0.113.2' })),
  'bytes at once, of which 1 MB come back each second': () => bytes(5),
  'frames refused for their bytes': () => bytes(60),
  'connections that one address begins at once, of which 100 may follow each second': floodOf,
  'bytes of a frame': says(() => ping(1).padEnd(65_537)),
  'bytes of a frame that are read at all': says(() => ping(1).padEnd(10_000_000)),
  'levels of arrays and maps': says(() => `{"op":"ping","id":1,"deep":${'['.repeat(33)}${']'.repeat(33)}}`),
  'frames that are nonsense': says(() => '{', 50),
  'frames at once, of which 50 come back each second': says(ping, 300),
  'frames refused as too fast': says(ping, 1_500),
  'frames that wait for work': async () => {
    const busy = await LiveClient.open(slow.port, 'json')
    for (let n = 0; n < 190; n++) subscribe(busy, 1, '>')
    const outcome = await outcomeOf(busy)
    busy.ws.terminate()
    return outcome
  },
  subscriptions: async client => {
    for (let id = 0; id < 65; id++) subscribe(client, id, evt(`none${id}`))
    return outcomeOf(client)
  },
  'patterns of a subscription': async client => {
    subscribe(client, 1, ...Array<string>(1_001).fill('>'))
    return outcomeOf(client)
  },
  'patterns of all subscriptions': async client => {
    for (let id = 0; id < 6; id++)
      subscribe(client, id, ...Array.from({ length: 900 }, (_, i) => evt(`none${id}_${i}`)))
    return outcomeOf(client)
  },
  'names in `fields`, equal lists counted once': async client => {
    const listOf = (id: number): string[] => Array.from({ length: 250 }, (_, i) => `field${id}_${i}`)
    for (let id = 0; id < 41; id++)
      client.send({ op: 'subscribe', id, patterns: [{ pattern: evt('none'), fields: listOf(id) }] })
    return outcomeOf(client)
  },
  'topics matched': client => refusedOf(client, [evt('>')]),
  'topics matched, over all patterns': async client => {
    const forms = Array.from({ length: 8 }, (_, i) =>
      evt('*')
        .split('.')
        .map((part, at) => (((i >> at) & 1) === 1 ? '*' : part))
        .join('.')
    )
    subscribe(client, 1, ...forms, evt('>'), 'evt.summit.>', 'evt.>', '>')
    return outcomeOf(client)
  },
  'commands without an answer': async client => {
    const open = site.broker.subscribe('cmd.summit.>', () => {})
    await site.broker.flush()
    for (let n = 0; n < 33; n++) {
      const id = `01jd3xkq7m5v8w2n4p6r9t0${String(n).padStart(3, '0')}`
      client.send({ op: 'command', id, csc: 'Limits', index: 0, command: 'step', params: {} })
    }
    const outcome = await outcomeOf(client)
    open.unsubscribe()
    return outcome
  },
  'characters of a cursor': says(() =>
    JSON.stringify({ op: 'resume', cursor: `1${'.EVT.a.1.1'.repeat(300)}`, subscriptions: [] })
  ),
  'bytes that wait for a client': async client => {
    subscribe(client, 1, evt('large'))
    await client.next('live')
    client.ws.pause()
    const isCut = async (): Promise<boolean> => {
      await site.put(evt('large'), { pixels: 'x'.repeat(300_000) })
      const text = await metricsOf(port)
      return /meridian_gateway_slow_closed_total\{[^}]*\} [1-9]/.test(text)
    }
    await waitFor(isCut, { what: 'the gateway to give it up', timeoutMs: 60_000 })
    client.ws.resume()
    const { code, reason } = await client.whenClosed()
    return { code: reason, connection: String(code) }
  }
}

t.test('the table has a row for everything that is exceeded here, and the other way round', async t => {
  t.same(rows.map(({ what }) => what).sort(), Object.keys(exceed).sort())
  const [, closing = ''] = /## Close codes\n([\s\S]*)/.exec(protocol) ?? []
  for (const { what, code, connection } of rows) {
    if (code !== '') t.match(page('errors'), `| ${code} |`, `${what}: ${code} is in docs/errors.md`)
    if (/^\d+$/.test(connection))
      t.match(closing, `| ${connection} |`, `${what}: ${connection} is a close code`)
  }
})

t.test('what exceeds a limit gets its code, and the honest client beside gets everything', async t => {
  const honest = await LiveClient.open(port)
  subscribe(honest, 1, evt('honest'))
  await honest.next('live')
  for (const [at, { what, code, connection }] of rows.entries()) {
    const client = await LiveClient.open(port, 'json')
    await client.next('welcome')
    t.same(await exceed[what]?.(client), { code, connection }, what)
    client.ws.terminate()
    await site.put(evt('honest'), { at })
    await honest.hasSeen(at + 1)
  }
  t.same(
    honest.seen.map(({ fields }) => fields['at']),
    rows.map((_, at) => at)
  )
  t.equal(honest.closed, undefined)
})
