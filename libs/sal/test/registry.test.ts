import { startRegistry, type TestRegistryOptions } from '@meridian/testing'
import t, { type Test } from 'tap'
import { createRegistry } from '../src/index.ts'

const TEXT = JSON.stringify({ type: 'record', name: 'azimuth', fields: [{ name: 'angle', type: 'double' }] })
const SUBJECT = 'lsst.sal.MTMount.azimuth-value'

async function start(t: Test, options: TestRegistryOptions = {}) {
  const server = await startRegistry(options)
  t.teardown(() => server.stop())
  return server
}

t.test('a schema is registered, and found by its number and by its subject', async t => {
  const server = await start(t)
  const registry = createRegistry(server)
  const id = await registry.register(SUBJECT, TEXT)
  t.equal(await registry.register(SUBJECT, TEXT), id)
  const schema = {
    name: 'azimuth',
    fields: [{ name: 'angle', type: 'double', isArray: false, nullAt: undefined }]
  }
  t.same(await registry.schemaOf(id), schema)
  t.same(await registry.latestOf(SUBJECT), { id, schema, text: TEXT })
})

t.test('a number is asked for once, however many want it', async t => {
  const server = await start(t)
  const registry = createRegistry(server)
  const id = await registry.register(SUBJECT, TEXT)
  await Promise.all(Array.from({ length: 50 }, () => registry.schemaOf(id)))
  await registry.schemaOf(id)
  t.same(
    server.asked.filter(line => line.startsWith('GET')),
    [`GET /schemas/ids/${id}`]
  )
})

t.test('what the registry does not know is told as such, and not asked for with every message', async t => {
  const server = await start(t)
  const registry = createRegistry(server)
  await t.rejects(registry.schemaOf(99), { code: 'SAL_NO_SCHEMA', message: /Schema not found/ })
  await t.rejects(registry.schemaOf(99), { code: 'SAL_NO_SCHEMA' })
  t.same(server.asked, ['GET /schemas/ids/99'])
  await t.rejects(registry.latestOf('none-value'), { code: 'SAL_NO_SCHEMA', message: /not found/ })
})

t.test('a registry behind a path and a password', async t => {
  const access = { prefix: '/apis/ccompat/v7', user: 'meridian', password: 'staple battery' }
  const server = await start(t, access)
  const { url } = server
  const id = await createRegistry({ ...access, url: `${url}/` }).register(SUBJECT, TEXT)
  t.ok(await createRegistry({ ...access, url }).schemaOf(id))
  const elsewhere = createRegistry({ ...access, url: `${url.replace('v7', 'v6')}` })
  await t.rejects(
    elsewhere.schemaOf(id),
    { code: 'SAL_REGISTRY', message: /404 Not Found/ },
    'not: no such schema'
  )
  const wrong = createRegistry({ url, user: 'meridian', password: 'wrong horse' })
  await t.rejects(wrong.schemaOf(id), { code: 'SAL_REGISTRY', message: /401 Unauthorized/ })
  const error = await wrong.schemaOf(id).catch(error => error)
  t.notMatch(JSON.stringify([error.message, error.facts]), /horse/, 'no password in what is said')
})

t.test('a registry that answers something else, too much, late or not at all', async t => {
  const server = await start(t)
  const registry = createRegistry(server)
  const id = await registry.register(SUBJECT, TEXT)
  const refused = (message: RegExp) => t.rejects(registry.schemaOf(id), { code: 'SAL_REGISTRY', message })
  server.answerWith(response => response.setHeader('content-type', 'text/html').end('<html>log in</html>'))
  await refused(/answers 200 with text\/html, not JSON: <html>log in/)
  server.answerWith(response => response.writeHead(503).end())
  await refused(/answers 503 with nothing/)
  server.answerWith(response => response.end('{"schema": 7}'))
  await refused(/has no schema/)
  server.answerWith(response => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end())
  await refused(/not reached: unexpected redirect/)
  server.answerWith(response => response.end(`"${'x'.repeat(5 * 1024 * 1024)}"`))
  await refused(/more than/)
  server.answerWith(() => undefined)
  const hasty = createRegistry({ ...server, timeoutMs: 100 })
  await t.rejects(hasty.schemaOf(id), { code: 'SAL_REGISTRY', message: /not reached: .*timeout/ })
  server.answerWith(undefined)
  t.ok(await registry.schemaOf(id), 'and it is asked again once it answers')
  await server.stop()
  await t.rejects(createRegistry(server).schemaOf(id), {
    code: 'SAL_REGISTRY',
    message: /not reached: connect ECONNREFUSED/
  })
})

t.test('a schema that SAL does not write is refused, and says why', async t => {
  const server = await start(t)
  const registry = createRegistry(server)
  const faults: ReadonlyArray<readonly [text: string, why: RegExp]> = [
    ['"string"', /no record/],
    ['{', /no JSON/],
    ['{"type":"record","name":"a"}', /no fields/],
    ['{"type":"record","name":"a","fields":[{"type":"int"}]}', /a field has no name/],
    [
      '{"type":"record","name":"a","fields":[{"name":"b","type":"bytes"}]}',
      /b has a type that SAL does not use/
    ],
    ['{"type":"record","name":"a","fields":[{"name":"b","type":["int","string"]}]}', /b is a union/],
    [
      '{"type":"record","name":"a","fields":[{"name":"b","type":{"type":"map","values":"int"}}]}',
      /b has a type/
    ]
  ]
  for (const [text, message] of faults) {
    const id = await registry.register(SUBJECT, text)
    await t.rejects(registry.schemaOf(id), { code: 'SAL_BAD_SCHEMA', message }, text)
  }
})
