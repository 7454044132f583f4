import t from 'tap'
import { parseReturnPath } from './return-path.ts'

t.test('pages of the console are taken, with their query and fragment', async t => {
  for (const path of [
    '/',
    '/instance/MTMount/0',
    '/?a=b',
    '/instance/ESS/1?x=%2F%2Fevil.org#there',
    '/a%20b'
  ])
    t.equal(parseReturnPath(path), path)
  t.equal(parseReturnPath('/a/../b'), '/b')
  t.equal(parseReturnPath('/apiary'), '/apiary')
})

t.test('what leads elsewhere is refused', async t => {
  for (const hostile of [
    ...[
      '',
      'x',
      '//evil.org',
      '///evil.org',
      '/\\evil.org',
      '\\\\evil.org',
      '/.//evil.org',
      '/x/..//evil.org'
    ],
    ...[
      'https://evil.org',
      'http:evil.org',
      'javascript:alert(1)',
      'data:text/html,x',
      '@evil.org',
      ' //evil.org'
    ],
    ...[
      '/\t/evil.org',
      '/\n/evil.org',
      '/x\r\nset-cookie: a=b',
      '/x y',
      '/é',
      '/%5c%5cevil.org/%',
      '/%2f/evil.org'
    ],
    ...[
      '/api',
      '/api/session/oidc',
      '/API/me',
      '/x/../api/me',
      '/%61pi/me',
      '/./api/me',
      '/%2e%2e//evil.org'
    ],
    `/${'x'.repeat(600)}`
  ])
    t.throws(() => parseReturnPath(hostile), { code: 'AUT_BAD_RETURN' }, JSON.stringify(hostile))
})
