import t from 'tap'
import { isAllowedOrigin } from './allowed-origin.ts'

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
