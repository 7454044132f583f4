import { setTimeout } from 'node:timers/promises'
import { bucketTable, ensureBuckets, openBucket } from '@meridian/broker'
import { loadSite } from '@meridian/catalogue'
import { parseConfig } from '@meridian/service'
import { createTestLog, startLink, waitFor } from '@meridian/testing'
import {
  type CryptoKey,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT
} from 'jose'
import t from 'tap'
import { createAccess, createSigner } from '../src/index.ts'
import { ADA, openTokens, startVerifying, verifyingSpec } from './token-world.ts'

t.test('a token speaks for whoever it was made for, at every process', async t => {
  const { access, signer, nats } = await openTokens(t)
  const { token, expiresAt } = await signer.sign(ADA)
  const principal = await access.identify(token)
  t.match(principal, {
    name: 'ada',
    roles: ['operator'],
    proof: { session: 's1', host: '10.0.0.7', expiresAt }
  })
  t.equal(await access.identify(token), principal, 'and is verified once')
  const { access: later } = await startVerifying(t, nats.url)
  t.match(await later.identify(token), { name: 'ada' })
})

t.test('what a token was made for and its end are signed with it', async t => {
  const { access, signer } = await openTokens(t)
  const notAfter = Math.floor(Date.now() / 1_000) + 100
  const { token, expiresAt } = await signer.sign({ ...ADA, scopes: ['read', 'command'], notAfter })
  t.equal(expiresAt, notAfter)
  t.match(await access.identify(token), { scopes: ['read', 'command'], proof: { expiresAt: notAfter } })
  t.equal((await access.identify((await signer.sign(ADA)).token)).scopes, undefined)
  const none = await signer.sign({ ...ADA, scopes: [] })
  t.same((await access.identify(none.token)).scopes, [''])
  await t.rejects(access.identify(`mrd_${'a'.repeat(50)}`), { code: 'AUT_BAD_TOKEN', message: /exchange it/ })
})

t.test('a token is good at once, before its key has come by the watch', async t => {
  const { access, broker } = await openTokens(t)
  const fresh = createSigner({ broker, site: 'summit', keys: { has: () => false } })
  const { token } = await fresh.sign(ADA)
  t.match(await access.identify(token), { name: 'ada' })
})

t.test(
  'while keys are changed every few milliseconds no token fails, however many show it at once',
  async t => {
    const { access, broker, part, nats } = await openTokens(t)
    const { access: elsewhere } = await startVerifying(t, nats.url)
    const signer = createSigner({ broker, site: 'summit', keys: part.keys(), newKeyEveryMs: 0 })
    const tokens = new Set<string>()
    for (let n = 0; n < 20; n++) {
      const { token } = await signer.sign({ ...ADA, session: `s${n}` })
      tokens.add(token)
      // Those who verify have at most one look-up of an unknown key in a tenth of a second.
      const shown = [access, elsewhere].flatMap(process => [1, 2, 3].map(() => process.identify(token)))
      for (const principal of await Promise.all(shown)) t.match(principal, { proof: { session: `s${n}` } })
      await setTimeout(120)
    }
    const kids = [...tokens].map(token => decodeProtectedHeader(token).kid)
    t.equal(new Set(kids).size, 20, 'each was signed with a key of its own')
    for (const token of tokens)
      t.match(await access.identify(token), { name: 'ada' }, 'the earlier ones stay good')
  }
)

/** A key that the site knows, by which a test signs what it likes. */
async function knownKey(broker: Parameters<typeof openBucket>[0]) {
  const { publicKey, privateKey } = await generateKeyPair('Ed25519')
  const { x = '' } = await exportJWK(publicKey)
  await openBucket(broker, 'auth_keys').put('known', { x })
  return { x, secret: privateKey }
}

const CLAIMS = { sub: 'ada', roles: ['operator'], urev: 1, sid: 's1', host: '10.0.0.7' }

function signed(
  secret: CryptoKey | Uint8Array,
  claims: JWTPayload,
  {
    header = {},
    expires = '5m',
    issued = Date.now() / 1000
  }: { header?: object; expires?: string | number; issued?: number } = {}
): Promise<string> {
  return new SignJWT({ iss: 'meridian/summit', aud: 'meridian/summit', ...claims })
    .setProtectedHeader({ alg: 'Ed25519', kid: 'known', typ: 'at+jwt', ...header })
    .setIssuedAt(issued)
    .setExpirationTime(expires)
    .sign(secret)
}

t.test('what is no token of this site is refused with its code, and the reason never shows it', async t => {
  const { access, broker } = await openTokens(t)
  const { x, secret } = await knownKey(broker)
  const { privateKey: stranger } = await generateKeyPair('Ed25519')
  t.match(
    await access.identify(await signed(secret, CLAIMS)),
    { name: 'ada' },
    'the same without a fault is one'
  )
  const now = Math.floor(Date.now() / 1000)
  const bad = 'AUT_BAD_TOKEN: this is no access token of this site: '
  const unreadable = `${bad}it does not read as a signed token`
  const signature = `${bad}its signature is not of the key that it names`
  const unknownKey = `${bad}signed with a key that is not known`
  const ofOther = (what: string) => `${bad}it is ${what}`
  const lacks = `${bad}it lacks what a token of this site has`
  const expired = 'AUT_EXPIRED: access token has expired'
  const cases: readonly (readonly [what: string, token: string | undefined, message: string])[] = [
    ['none', undefined, 'AUT_NO_TOKEN: nobody is logged in here'],
    ['no text', '', unreadable],
    ['no token', 'hello', unreadable],
    ['not three parts', 'a.b', unreadable],
    ['no JSON', 'a.b.c', unreadable],
    ['too long', 'a'.repeat(5_000), `${bad}longer than 4096 characters`],
    [
      'not signed',
      new UnsecuredJWT({ ...CLAIMS }).setIssuedAt().setExpirationTime('5m').encode(),
      ofOther('signed in another way than those of this site')
    ],
    [
      'the public key as a secret',
      await signed(Buffer.from(x), CLAIMS, { header: { alg: 'HS256' } }),
      ofOther('signed in another way than those of this site')
    ],
    ['signed by somebody else', await signed(stranger, CLAIMS), signature],
    ['a key that nobody has', await signed(secret, CLAIMS, { header: { kid: 'other' } }), unknownKey],
    ['a key that is a number', await signed(secret, CLAIMS, { header: { kid: 123 } }), unknownKey],
    ['a key that is no name', await signed(secret, CLAIMS, { header: { kid: '../*.>' } }), unknownKey],
    [
      'another kind of token',
      await signed(secret, CLAIMS, { header: { typ: 'JWT' } }),
      ofOther('a token of another kind')
    ],
    [
      'of another site',
      await signed(secret, { ...CLAIMS, iss: 'meridian/base' }),
      ofOther('of another site')
    ],
    [
      'for another audience',
      await signed(secret, { ...CLAIMS, aud: 'meridian/base' }),
      ofOther('for another site')
    ],
    ['without a name', await signed(secret, { roles: [], urev: 1, sid: 's', host: 'h' }), lacks],
    ['roles that are no texts', await signed(secret, { ...CLAIMS, roles: [1] }), lacks],
    [
      'without a revision of the user',
      await signed(secret, { ...CLAIMS, urev: undefined }),
      `${bad}it does not say which revision of its user it is of`
    ],
    [
      'a revision that is a text',
      await signed(secret, { ...CLAIMS, urev: '9' }),
      `${bad}it does not say which revision of its user it is of`
    ],
    ['without a session', await signed(secret, { ...CLAIMS, sid: undefined }), lacks],
    ['expired beyond the skew of clocks', await signed(secret, CLAIMS, { expires: now - 31 }), expired],
    ['not yet valid', await signed(secret, { ...CLAIMS, nbf: now + 60 }), ofOther('not valid yet')]
  ]
  for (const [what, token, message] of cases) {
    const error = await access.identify(token).then(
      () => undefined,
      (caught: Error) => caught
    )
    t.equal(error?.message, message, what)
    t.notOk(token !== undefined && token.length > 5 && error?.message.includes(token), `${what}: not shown`)
  }
  const late = await signed(secret, CLAIMS, { expires: now - 20 })
  t.match(await access.identify(late), { name: 'ada' }, 'clocks may differ by thirty seconds')
})

t.test('a revoked session and a revoked user are out at once, everywhere, and others stay', async t => {
  const { access, signer, revoker, nats } = await openTokens(t)
  const { access: elsewhere } = await startVerifying(t, nats.url)
  const [ada, adaToo, bob] = await Promise.all(
    [ADA, { ...ADA, session: 's2' }, { ...ADA, name: 'bob', session: 's3' }].map(who => signer.sign(who))
  )
  if (ada === undefined || adaToo === undefined || bob === undefined) throw new TypeError('three were signed')
  const principal = await access.identify(ada.token)
  let heard = 0
  access.onRevoked(() => heard++)
  await revoker.revokeSession('s1', 'logged out')
  await waitFor(() => heard > 0, { what: 'the revocation' })
  t.match(access.whyEnded(principal), { code: 'AUT_REVOKED', message: /logged out/ })
  await t.rejects(access.identify(ada.token), { code: 'AUT_REVOKED' })
  t.match(await access.identify(adaToo.token), { name: 'ada' }, 'another session of the same user')
  await revoker.revokeUser({ name: 'ada', revision: 2 }, 'disabled')
  await waitFor(() => heard > 1, { what: 'the second revocation' })
  await t.rejects(access.identify(adaToo.token), { code: 'AUT_REVOKED', message: /disabled/ })
  for (const one of [access, elsewhere]) t.match(await one.identify(bob.token), { name: 'bob' })
  await t.rejects(elsewhere.identify(ada.token), { code: 'AUT_REVOKED' })
  const { access: later } = await startVerifying(t, nats.url)
  await t.rejects(later.identify(ada.token), { code: 'AUT_REVOKED' }, 'also where a process starts later')
})

t.test('a user is out whatever clock stamped his token, and who comes after the change is not', async t => {
  const { access, broker, revoker } = await openTokens(t)
  const { secret } = await knownKey(broker)
  const now = Date.now() / 1000
  const at = (skew: number, urev: number): Promise<string> =>
    signed(secret, { ...CLAIMS, urev, sid: `s${skew}-${urev}` }, { issued: now + skew })
  const [ahead, behind, next] = [await at(30, 6), await at(-30, 6), await at(-30, 8)]
  for (const token of [ahead, behind, next]) await access.identify(token)
  let heard = 0
  access.onRevoked(() => heard++)
  await revoker.revokeUser({ name: 'ada', revision: 7 }, 'roles')
  await waitFor(() => heard > 0, { what: 'the revocation' })
  for (const token of [ahead, behind, await at(29, 6)])
    await t.rejects(access.identify(token), { code: 'AUT_REVOKED' })
  for (const token of [next, await at(-30, 7)]) t.match(await access.identify(token), { name: 'ada' })
  await revoker.revokeUser({ name: 'ada', revision: 5 }, 'told late')
  await waitFor(() => heard > 1, { what: 'the revocation of an older change' })
  await t.rejects(access.identify(ahead), { code: 'AUT_REVOKED' }, 'what ended stays so')
  const beforeTheLoss = await at(-70, 90)
  await t.rejects(
    access.identify(beforeTheLoss),
    { code: 'AUT_REVOKED' },
    'of a bucket that was made anew since'
  )
})

t.test(
  'when the buckets are lost and made again, who was in stays in, and who was out stays out',
  async t => {
    const { access, signer, revoker, broker } = await openTokens(t)
    const [ada, bob] = await Promise.all(
      [ADA, { ...ADA, name: 'bob', session: 's3' }].map(who => signer.sign(who))
    )
    let heard = 0
    access.onRevoked(() => heard++)
    await revoker.revokeSession('s1', 'logged out')
    await waitFor(() => heard > 0, { what: 'the revocation' })
    for (const name of ['keys', 'revoked'])
      await broker.request(`$JS.API.STREAM.DELETE.KV_auth_${name}`, '', { timeoutMs: 2000 })
    await ensureBuckets(broker, bucketTable('laptop'))
    await t.rejects(access.identify(ada?.token), { code: 'AUT_REVOKED' })
    t.match(await access.identify(bob?.token), { name: 'bob' })
    const carl = await waitFor(() => signer.sign({ ...ADA, name: 'carl', session: 's4' }), {
      what: 'a key anew'
    })
    t.match(await access.identify(carl.token), { name: 'carl' }, 'the signer writes its key again')
  }
)

t.test(
  'a process that cannot hear of revocations lets nobody new in, and says so',
  { timeout: 600_000 },
  async t => {
    const { nats, signer } = await openTokens(t)
    const link = await startLink(nats.port)
    t.teardown(() => link.stop())
    const { access, service, log } = await startVerifying(t, `nats://127.0.0.1:${link.port}`)
    const [known, unknown] = await Promise.all([ADA, { ...ADA, session: 's2' }].map(who => signer.sign(who)))
    await access.identify(known?.token)
    link.swallow()
    await waitFor(() => service.readiness().ready === false, { what: 'not ready', timeoutMs: 60_000 })
    const refusal = () =>
      access.identify(unknown?.token).then(
        () => undefined,
        (caught: { code: string }) => caught.code
      )
    await waitFor(async () => (await refusal()) === 'AUT_UNAVAILABLE', { what: 'deaf', timeoutMs: 60_000 })
    t.match(await access.identify(known?.token), { name: 'ada' }, 'who was in stays in until his token ends')
    await waitFor(() => log.records.some(({ msg }) => msg.includes('nobody new is let in')), {
      what: 'the line in the log'
    })
    link.mend()
    await waitFor(async () => (await refusal()) === undefined, { what: 'it hears again', timeoutMs: 60_000 })
  }
)

t.test('mode open is refused where other machines reach it, unless that was said to be meant', async t => {
  const site = loadSite('summit')
  const open = (settings: Record<string, string>) =>
    createAccess(parseConfig(verifyingSpec, settings), site, createTestLog()).access.mode
  const { message } = t.throws(() => open({ HOST: '0.0.0.0' }), { code: 'CFG_INVALID' }) as Error
  t.match(message, /HOST 0\.0\.0\.0 .*OPEN_TO_ALL=true/)
  for (const HOST of ['10.1.2.3', '::', 'gateway.example'])
    t.throws(() => open({ HOST }), { code: 'CFG_INVALID' }, HOST)
  for (const HOST of ['127.0.0.1', '::1', 'localhost']) t.equal(open({ HOST }), 'open')
  t.equal(open({ HOST: '0.0.0.0', OPEN_TO_ALL: 'true' }), 'open')
  t.equal(open({ HOST: '0.0.0.0', AUTH_MODE: 'local' }), 'local')
})
