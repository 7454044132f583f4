import t from 'tap'
import { badOriginDetail, isAllowedOrigin, parseOrigins } from './allowed-origin.ts'

t.test('a page may connect to its own host, through a proxy too, and from a listed origin', async t => {
  const ask = (
    headers: Record<string, string>,
    allowed: readonly string[] = [],
    host = headers['host'] ?? '',
    protocol = 'http'
  ): boolean => isAllowedOrigin({ headers, host, protocol: protocol as 'http' }, allowed)
  t.ok(ask({ host: 'meridian.example' }), 'a program')
  t.ok(ask({ host: 'meridian.example', origin: 'http://meridian.example' }))
  const secure = { host: 'meridian.example', origin: 'https://meridian.example' }
  t.ok(ask(secure, [], 'meridian.example', 'https'))
  t.ok(ask({ ...secure, host: 'meridian.example:443' }, [], 'meridian.example:443', 'https'))
  t.ok(ask(secure, [], 'meridian.example', 'wss'), 'as some proxies say of an upgrade')
  t.notOk(ask(secure), 'a secure page at a door in the clear')
  t.notOk(
    ask({ ...secure, origin: 'http://meridian.example' }, [], 'meridian.example', 'https'),
    'a page in the clear'
  )
  const behind = { host: '127.0.0.1:4000', origin: 'http://localhost:3000' }
  t.ok(ask(behind, [], 'localhost:3000'), 'as a trusted proxy says')
  t.notOk(ask({ ...behind, 'x-forwarded-host': 'localhost:3000' }), 'the header alone says nothing')
  t.ok(ask({ host: 'a', origin: 'https://b.example' }, ['https://b.example']))
  t.notOk(ask({ host: 'meridian.example', origin: 'https://meridian.example.evil' }))
  t.notOk(ask({ host: 'meridian.example:8080', origin: 'http://meridian.example' }))
  t.notOk(ask({ host: 'a', origin: 'null' }))
})

t.test('a refusal says which origin came, which would do, and what is to be set', async t => {
  const tell = (origin?: string, host = 'meridian.example', protocol: 'http' | 'https' = 'http') =>
    badOriginDetail({ headers: { host, ...(origin !== undefined && { origin }) }, host, protocol })
  t.match(
    tell('https://meridian.example'),
    /^'origin' is 'https:..meridian.example'; expected: 'http:..meridian.example', because .*in the clear.*X-Forwarded-Proto.*TRUSTED_PROXIES.*ALLOWED_ORIGINS/
  )
  t.match(
    tell('https://meridian.example', '10.0.0.7:4000'),
    /; expected: 'http:..10\.0\.0\.7:4000', or one of ALLOWED_ORIGINS; .*X-Forwarded-Host/
  )
  t.equal(
    tell(undefined, 'meridian.example', 'https'),
    "'origin' is missing; expected: 'https://meridian.example'"
  )
  t.match(tell('null', ''), /'origin' is 'null'; expected: 'the host that the request goes to'/)
})

t.test('what would match nothing is no origin of the setting', async t => {
  t.same(parseOrigins(' https://a.example,http://b.example:8080 ,'), [
    'https://a.example',
    'http://b.example:8080'
  ])
  for (const text of ['a.example', 'https://a.example/', 'https://A.example', 'https://a.example:443', '*'])
    t.throws(() => parseOrigins(text), { code: 'CFG_INVALID', message: /ALLOWED_ORIGINS: / }, text)
})
