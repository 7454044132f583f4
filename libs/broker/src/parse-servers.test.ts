import t from 'tap'
import { parseServers } from './parse-servers.ts'

t.test('one address or several, with or without scheme and port', async t => {
  t.same(parseServers('nats://127.0.0.1:4222'), ['nats://127.0.0.1:4222'])
  t.same(parseServers(' tls://a.b , nats://[::1]:4222,broker,broker:4223, nats://u:p@host/'), [
    'tls://a.b',
    'nats://[::1]:4222',
    'broker',
    'broker:4223',
    'nats://u:p@host/'
  ])
})

t.test('what is no address of a broker is refused in one sentence that names it', async t => {
  const faults: readonly [string, RegExp][] = [
    ['nats://[bad', /'nats:\/\/\[bad' is malformed/],
    ['nats://127.0.0.1:99999', /port above 65535/],
    ['nats://127.0.0.1:0', /port 0/],
    ['http://127.0.0.1:4222', /begins with http:\/\//],
    ['ws://127.0.0.1:4222', /begins with ws:\/\//],
    ['nats://', /is malformed|has no host/],
    ['', /''/],
    ['nats://a:4222,,nats://b', /''/],
    ['a b', /'a b' is malformed/],
    ['nats://a:4222/live', /has a path/]
  ]
  for (const [list, message] of faults)
    t.throws(() => parseServers(list), { code: 'CFG_INVALID', message }, list)
})
