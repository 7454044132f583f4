import { connect } from 'node:net'
import { COMMAND_SIZES } from '@meridian/protocol/commands'
import { startSiteService } from '@meridian/testing'
import t from 'tap'
import { ulid } from 'ulid'
import { get, openSite, post } from './harness.ts'

const { nats } = await openSite(t)
const api = await startSiteService('api', nats)
t.teardown(() => api.stop())
const { address } = api
const move = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 1, elevation: 60 } }
const newId = (): string => ulid().toLowerCase()

t.test('whatever a client sends wrong is answered with a code', async t => {
  const json = { 'content-type': 'application/json' }
  const raw = (body: string, headers: Record<string, string> = json) =>
    get(address, '/api/commands', { method: 'POST', headers, body })
  const deep = `{"csc":"MTMount","index":0,"command":"stop","params":{"x":${'['.repeat(30_000)}${']'.repeat(30_000)}}}`
  t.match(await raw(deep), { status: 400, body: { error: { code: 'CMD_BAD_REQUEST' } } })
  const long = await raw(JSON.stringify({ ...move, params: { x: 'y'.repeat(100_000) } }))
  t.match(long.body, { error: { facts: { limitBytes: COMMAND_SIZES.payloadBytes } } })
  const misspelt = await raw(JSON.stringify({ ...move, parms: {} }))
  t.match(misspelt.body, { error: { code: 'CMD_BAD_REQUEST', message: /'parms' is not one of csc, index/ } })
  const cases: [Awaited<ReturnType<typeof raw>>, number, string][] = [
    [await raw('{"csc":'), 400, 'CMD_BAD_REQUEST'],
    [await raw(''), 400, 'CMD_BAD_REQUEST'],
    [await raw('{"__proto__":{"x":1}}'), 400, 'CMD_BAD_REQUEST'],
    [await raw('{}', { 'content-type': 'text/plain' }), 415, 'NET_BAD_TYPE'],
    [await raw('a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415, 'NET_BAD_TYPE'],
    [await raw(JSON.stringify(move), { 'content-type': 'text/plain' }), 415, 'NET_BAD_TYPE'],
    [await raw('\u0000\u0001', { 'content-type': 'application/octet-stream' }), 415, 'NET_BAD_TYPE'],
    [await raw(JSON.stringify(move), { ...json, 'content-encoding': 'gzip' }), 415, 'NET_BAD_TYPE'],
    [long, 413, 'CMD_TOO_LARGE'],
    [await raw('[]'), 400, 'CMD_BAD_REQUEST'],
    [await raw(JSON.stringify({ ...move, index: '0' })), 400, 'CMD_BAD_REQUEST'],
    [await raw(JSON.stringify({ ...move, csc: 'A.B' })), 400, 'CMD_BAD_REQUEST'],
    [await raw(JSON.stringify({ ...move, id: 'SHORT' })), 400, 'CMD_BAD_ID'],
    [await raw(JSON.stringify({ ...move, principal: 'root' })), 400, 'CMD_BAD_REQUEST'],
    [await get(address, '/api/commands/not-an-id'), 400, 'NET_BAD_REQUEST'],
    [await get(address, `/api/commands/${newId()}`), 404, 'CMD_NOT_FOUND'],
    [await get(address, `/api/commands/${newId()}?wait=soon`), 400, 'NET_BAD_REQUEST'],
    [await get(address, '/api/nothing'), 404, 'NET_NO_ROUTE'],
    [await get(address, '/api/%E0%A4%A'), 400, 'NET_BAD_REQUEST'],
    [await get(address, '/api/commands', { method: 'DELETE' }), 405, 'NET_BAD_METHOD'],
    [await get(address, '/api/catalogue/Nope'), 404, 'API_UNKNOWN_COMPONENT'],
    [await get(address, '/..%2f..%2fetc/passwd'), 404, 'NET_NO_ROUTE']
  ]
  for (const [{ status, body }, wanted, code] of cases) {
    t.equal(body.error?.code, code, `${code}: ${body.error?.message}`)
    t.equal(status, wanted)
    t.equal(typeof body.error?.canRetry, 'boolean')
  }
  const answerTo = (request: string): Promise<string> =>
    new Promise(resolve => {
      const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(request))
      let text = ''
      socket.on('data', chunk => {
        text += chunk.toString()
      })
      socket.on('close', () => resolve(text))
    })
  t.match(await answerTo('hello\r\n\r\n'), /400 Bad Request[\s\S]*NET_BAD_REQUEST/)
  const headers = `X-Long: ${'x'.repeat(40_000)}`
  t.match(
    await answerTo(`GET /api/catalogue HTTP/1.1\r\nHost: localhost\r\n${headers}\r\n\r\n`),
    /431 Request Header Fields Too Large[\s\S]*NET_HEADERS_TOO_LARGE/
  )
  t.equal((await get(address, '/livez')).status, 200)
})

t.test('a refusal says in words what was expected and what was probably meant', async t => {
  const said = async (path: string): Promise<string | undefined> =>
    (await get(address, path)).body.error?.message
  for (const [path, wanted] of [
    ['/api/nothing', /GET \/api\/nothing; \/api\/openapi\.json lists those that exist/],
    ['/api/catalogue/mtmount', /'mtmount'; did you mean 'MTMount'\?/],
    ['/api/commands/not-an-id', /'id' is 'not-an-id'; expected: a ULID in lower case/],
    [`/api/commands/${newId()}?wait=soon`, /'wait' is 'soon'; expected: seconds, 0 to 60/],
    [`/api/commands/${newId()}?wait=61`, /'wait' is '61'; expected: seconds, 0 to 60/],
    ['/api/history?topic=tel.summit.MTMount.0.azimut&field=x', /'azimut'; did you mean 'azimuth'\?/],
    ['/api/history?topic=tel.summit.MTMuont.0.azimuth&field=x', /'MTMuont'; did you mean 'MTMount'\?/],
    [
      '/api/history?topic=tel.summit.MTMount.0.azimuth&field=actualPositon',
      /did you mean 'actualPosition'\?/
    ],
    [
      '/api/history?topic=tel.summit.MTMount.0.azimuth&field=x&points=5001',
      /'points' is '5001'; expected: a whole number, 1 to 5000/
    ]
  ] as const)
    t.match(await said(path), wanted, path)
  const { body } = await post(address, '/api/commands', { ...move, csc: 'A.B' })
  t.match(body.error?.message, /is not a name of 1 to 120 letters, digits/)
  t.notMatch(body.error?.message, /\^/, 'no regular expression')
})
