/** Requests that began before their user's rights were taken, and go on after it. */
import { once } from 'node:events'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { json } from 'node:stream/consumers'
import type { PersonalTokensAnswer, UsersAnswer } from '@meridian/protocol/http'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { openSite, startComponent } from './harness.ts'
import { headersOf, localApi, PASSWORD, startLocal } from './local-users.ts'

const MOVE = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 0, elevation: 60 } }

const { broker, nats } = await openSite(t, { buckets: true })
const [api] = await Promise.all([startLocal(t, nats, 'api'), startLocal(t, nats, 'commander')])
/** Says that it goes on, and nothing more. */
const mount = startComponent(broker, 'MTMount', (_request, reply) => reply({ ack: 301, timeout: 300 }))
t.teardown(() => mount.stop())

const { ask, logIn, makeFirst } = localApi(api)
await makeFirst()
const asRoot = await logIn('root')
for (const [name, role] of [
  ['eve', 'administrator'],
  ['mal', 'operator'],
  ['wes', 'operator']
] as const)
  await ask('POST', '/api/users', asRoot, { name, password: PASSWORD, roles: [role] })

interface Held {
  /** Sends the rest of the body, and gives the answer. */
  finish(): Promise<{ readonly status: number | undefined; readonly body: unknown }>
}

/** Begins a request of which the api has the head and the first byte of the body. */
async function hold(method: string, path: string, token: string, body: object): Promise<Held> {
  const text = JSON.stringify(body)
  const headers = { ...headersOf(token, true), 'content-length': Buffer.byteLength(text) }
  const held: ClientRequest = request(new URL(path, api.address), { method, headers })
  const answered = once(held, 'response') as Promise<[IncomingMessage]>
  answered.catch(() => undefined)
  await new Promise(resolve => held.write(text.slice(0, 1), resolve))
  // What this answers came after the head of the other.
  await ask('GET', '/api/me', token)
  return {
    async finish() {
      held.end(text.slice(1))
      const [answer] = await answered
      return { status: answer.statusCode, body: await json(answer) }
    }
  }
}

const isOut = (token: string): Promise<unknown> =>
  waitFor(async () => (await ask('GET', '/api/me', token)).status === 401, { what: 'the token has ended' })

const revoked = { status: 401, body: { error: { code: 'AUT_REVOKED' } } }

t.test('whose rights are taken while the body comes does nothing by it', async t => {
  const [asEve, asMal] = [await logIn('eve'), await logIn('mal')]
  const ghost = { name: 'ghost', password: PASSWORD, roles: ['administrator'] }
  const held = [
    await hold('POST', '/api/users', asEve, ghost),
    await hold('PATCH', '/api/users/mal', asEve, { roles: ['administrator'] }),
    await hold('PATCH', '/api/users/root', asEve, { disabled: true }),
    await hold('POST', '/api/tokens', asMal, { name: 'x', scopes: ['read'], days: 365 }),
    await hold('POST', '/api/commands', asMal, MOVE)
  ]
  t.match(await ask('DELETE', '/api/users/eve', asRoot), { status: 204 })
  t.match(await ask('PATCH', '/api/users/mal', asRoot, { password: `${PASSWORD}!` }), { status: 200 })
  await Promise.all([isOut(asEve), isOut(asMal)])
  for (const { finish } of held) t.match(await finish(), revoked)
  const { users } = (await ask<UsersAnswer>('GET', '/api/users', asRoot)).body
  t.same(
    users.map(({ name, roles, disabled }) => [name, ...roles, disabled]),
    [
      ['mal', 'operator', false],
      ['root', 'administrator', false],
      ['wes', 'operator', false]
    ]
  )
  t.same((await ask<PersonalTokensAnswer>('GET', '/api/tokens', asRoot)).body.tokens, [])
})

t.test('who waits for the end of a command and is removed learns no more of it', async t => {
  const asWes = await logIn('wes')
  const { id } = (await ask<{ id: string }>('POST', '/api/commands', asWes, MOVE)).body
  // Long enough for a busy machine to remove him meanwhile: whoever waited to the end as himself gets his 202.
  const waits = [
    ask('GET', `/api/commands/${id}?wait=10`, asWes),
    ask('POST', '/api/commands?wait=10', asWes, { ...MOVE, id: `${id.slice(0, -3)}abc` })
  ]
  await waitFor(
    async () => JSON.stringify((await ask('GET', '/api/commands', asRoot)).body).includes('abc'),
    { what: 'the second is on the record' }
  )
  t.match(await ask('DELETE', '/api/users/wes', asRoot), { status: 204 })
  await isOut(asWes)
  for (const answer of await Promise.all(waits)) t.match(answer, revoked)
})
