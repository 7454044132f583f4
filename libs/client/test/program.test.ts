/** A program speaks for its user by a personal token: it stays connected while roles change, and ends with the token. */
import { append } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { eventOf } from '@meridian/subjects'
import { freePort, startSiteService, waitFor } from '@meridian/testing'
import t from 'tap'
import { createClient } from '../src/program.ts'
import { startGateway } from './real-gateway.ts'

const PASSWORD = 'correct horse battery'
const TOPIC = eventOf({ site: 'summit', csc: 'Test', index: 0, topic: 'scalars' })
const writer = createFieldsWriter([{ name: 'n', type: 'long', count: 1 }])

const { nats, broker, stop } = await startTestSite({ buckets: true })
t.teardown(stop)
const gateway = await startGateway(nats.url, 'gw-a', { AUTH_MODE: 'local' })
t.teardown(() => gateway.end('SIGKILL'))
const api = await startSiteService('api', nats, { AUTH_MODE: 'local' })
t.teardown(() => api.stop())

let asRoot = ''
async function ask<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${api.address}/api/${path}`, {
    method,
    headers: {
      ...(asRoot !== '' && { authorization: `Bearer ${asRoot}` }),
      ...(body !== undefined && { 'content-type': 'application/json' })
    },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  const text = await answer.text()
  return (text === '' ? {} : JSON.parse(text)) as T
}

let sent = 0
function put(): Promise<unknown> {
  const n = ++sent
  const stamp = Date.now() / 1000 + 37
  const rest = { origin: 1, identity: 'Test', revCode: '', uncatalogued: false }
  const sample = { sndStamp: stamp, rcvStamp: stamp, seqNum: n, ...rest, fields: writer({ n }) }
  return append(broker, { subject: TOPIC, data: encodeSample(sample) })
}

t.test('a program with a personal token', { timeout: 600_000 }, async t => {
  const first = /"token":"([\w-]+)"/.exec(api.lines.join('\n'))?.[1]
  const root = { name: 'root', password: PASSWORD }
  await ask('POST', 'users/first', { ...root, token: first })
  asRoot = (await ask<{ token: string }>('POST', 'session', { ...root, cookies: false })).token
  await ask('POST', 'users', { name: 'ada', password: PASSWORD, roles: ['viewer', 'operator'] })
  const asAda = await ask<{ token: string }>('POST', 'session', {
    name: 'ada',
    password: PASSWORD,
    cookies: false
  })
  const asked = asRoot
  asRoot = asAda.token
  const made = await ask<{ token: string; personalToken: { id: string } }>('POST', 'tokens', {
    ...{ name: 'watcher', scopes: ['read'] }
  })
  asRoot = asked
  const url = `ws://127.0.0.1:${gateway.port}/live`
  const client = await createClient({ url, api: api.address, personalToken: made.token })
  t.teardown(() => client.close())
  const seen: number[] = []
  client.subscribe([TOPIC], { onData: ({ fields }) => seen.push(Number(fields['n'])) })
  client.connect()

  await t.test('reads what its user may read, under his name', async t => {
    await put()
    await waitFor(() => seen.includes(1), { what: 'the event' })
    t.equal(client.status().principal, 'ada')
  })

  await t.test('may not do what its token was not made for', async t => {
    const { accepted } = client.command({ csc: 'Test', index: 0, command: 'start', params: {} })
    await t.rejects(accepted, /CMD_/)
  })

  await t.test('comes back by itself when the roles of its user were changed', async t => {
    await ask('PATCH', 'users/ada', { roles: ['viewer'] })
    await waitFor(() => client.status().state !== 'live', { what: 'the end of its access token' })
    await put()
    await waitFor(() => seen.includes(2), { what: 'the event of meanwhile', timeoutMs: 20_000 })
    t.equal(client.status().state, 'live')
  })

  await t.test('is closed for good when its token is revoked', async t => {
    await ask('DELETE', `tokens/${made.personalToken.id}`)
    await waitFor(() => client.status().state === 'closed', { what: 'the end' })
    t.match(client.status().error, { code: 'AUT_REVOKED' })
    await t.rejects(createClient({ url, api: api.address, personalToken: made.token }), {
      code: 'AUT_TOKEN_ENDED'
    })
  })
})

t.test('whatever is wrong at the start is told', async t => {
  const url = `ws://127.0.0.1:${gateway.port}/live`
  await t.rejects(createClient({ url, api: api.address, personalToken: 'mrd_x' }), { code: 'AUT_BAD_TOKEN' })
  const nobody = `http://127.0.0.1:${await freePort()}`
  await t.rejects(createClient({ url, api: nobody, personalToken: 'mrd_x' }), {
    ...{ code: 'SDK_API_UNREACHABLE', canRetry: true }
  })
  await t.rejects(createClient({ url: 'nonsense://', personalToken: 'mrd_x' }), { code: 'SDK_BAD_URL' })
})
