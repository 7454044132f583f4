import { type ClientRequest, request } from 'node:http'
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { startTestSite } from '@meridian/broker/testing'
import { createHostCheck } from '@meridian/service'
import { startSiteService } from '@meridian/testing'
import t from 'tap'
import { createFront } from './front/front.ts'
import { ofApi } from './test/api-refusal-cases.ts'
import { type Asked, ofFront, ofGateway } from './test/refusal-cases.ts'

// What a person reads who asks one of the HTTP doors wrongly: one plain sentence that names the parameter, what
// came, and what is expected.

const { nats, stop } = await startTestSite()
t.teardown(stop)

const consoleDir = fileURLToPath(new URL('../services/console', import.meta.url))
const [api, gateway] = await Promise.all([
  startSiteService('api', nats, { CONSOLE_DIR: consoleDir }),
  startSiteService('gateway', nats)
])
t.teardown(() => Promise.all([api.stop(), gateway.stop()]))
const front = createFront({
  host: '127.0.0.1',
  port: 0,
  routes: [
    { prefix: '/live', targets: [gateway.address] },
    { prefix: '/', targets: [api.address] }
  ],
  isOurs: createHostCheck({ names: '', listenOn: '127.0.0.1' })
})
await front.start()
t.teardown(() => front.stop())

interface Refusal {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** Asks with the path as it stands: `fetch` would tidy it. */
function ask(
  address: string,
  path: string,
  { method = 'GET', headers = {}, body = '' }: Asked
): Promise<Refusal> {
  const { hostname, port } = new URL(address)
  return new Promise((resolve, reject) => {
    const asked: ClientRequest = request({ hostname, port, path, method, headers, agent: false }, answer => {
      if (answer.headers['content-type']?.startsWith('text/event-stream') === true) {
        resolve({ code: '', message: 'not refused', status: answer.statusCode ?? 0 })
        return void asked.destroy()
      }
      let text = ''
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
      answer.on('end', () => {
        const { error } = JSON.parse(text) as { error: Omit<Refusal, 'status'> }
        resolve({ ...error, status: answer.statusCode ?? 0 })
      })
    })
    asked.on('error', reject).end(body)
  })
}

for (const [door, address, cases] of [
  ['api', api.address, ofApi],
  ['gateway', gateway.address, ofGateway],
  ['front', front.address(), ofFront]
] as const)
  t.test(`every refusal of the ${door} is one plain sentence`, async t => {
    for (const [path, asked, status, sentence] of cases) {
      const refusal = await ask(address, path, asked)
      t.same(
        { status: refusal.status, sentence: refusal.message.slice(`${refusal.code}: `.length) },
        { status, sentence },
        `${asked.method ?? 'GET'} ${path.slice(0, 80)}`
      )
    }
  })

t.test('what is no HTTP at all is told so by each door', async t => {
  for (const address of [api.address, gateway.address, front.address()])
    for (const [text, sentence] of [
      ['hello\r\n\r\n', 'request is not as the API describes it: what came is not HTTP/1.1'],
      [
        `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`,
        'headers of the request are too large: the address and all headers together may have 16 KB'
      ],
      [
        `GET /live/events?topics=${'evt.summit.MTMount.0.a,'.repeat(2_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        'address of the request is too long: with all headers it may have 16 KB'
      ]
    ] as const) {
      const answer = await new Promise<string>(resolve => {
        const socket = connect(Number(new URL(address).port), '127.0.0.1', () => socket.write(text))
        let heard = ''
        socket.on('data', chunk => (heard += String(chunk)))
        socket.on('error', () => {})
        socket.on('close', () => resolve(heard))
      })
      t.ok(answer.includes(sentence), answer)
    }
})
