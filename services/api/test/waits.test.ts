import { getEventListeners, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { openAccess } from '@meridian/auth'
import { append, type Broker } from '@meridian/broker'
import { loadSite } from '@meridian/catalogue'
import type { CommandHistory, IntakeRecord } from '@meridian/protocol/commands'
import { createService, httpDoor, noTracer, parseConfig } from '@meridian/service'
import { ackOf, intakeOf } from '@meridian/subjects'
import { createTestLog, startSiteService, waitFor } from '@meridian/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { ulid } from 'ulid'
import { addCommandRoutes } from '../src/command-routes.ts'
import { spec } from '../src/config.ts'
import { get, openSite, SITE } from './harness.ts'

const { broker, nats } = await openSite(t)

const mount = { site: SITE, csc: 'MTMount', index: 0 }
const about = (id: string) => ({ id, csc: 'MTMount', index: 0, command: 'stop' })
const json = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value))

/** Puts a command on the record that no component will end. */
async function accept(): Promise<string> {
  const id = ulid().toLowerCase()
  const record: IntakeRecord = {
    ...{ ...about(id), site: SITE, params: {}, principal: 'somebody', door: 'api' },
    ...{ acceptedAt: 1, notAfter: 11, acceptedBy: 'test' }
  }
  await append(broker, { subject: intakeOf(mount, id), data: json(record) })
  return id
}

const end = (id: string): Promise<unknown> =>
  append(broker, {
    subject: ackOf(mount, id),
    data: json({ ...about(id), state: 'complete', time: 2, commander: 'test', boot: '1' })
  })

const addRoutes = (app: FastifyInstance, stopping: AbortSignal): void =>
  addCommandRoutes(app, {
    broker: () => broker,
    site: SITE,
    rightsOf: () => openAccess({ OPEN_ROLE: 'operator' }, loadSite('small')),
    answerMs: 1_000,
    readMs: 10_000,
    commanderClock: { acceptBy: () => Number.MAX_SAFE_INTEGER },
    stopping,
    tracer: noTracer,
    onBadRecord: () => {}
  })

/** The routes alone, whose signal of stopping and subscriptions can be looked at. */
async function startRoutes(): Promise<{
  app: FastifyInstance
  stopping: AbortController
  open: () => number
}> {
  const stopping = new AbortController()
  const { subscribe } = broker
  let open = 0
  const counting: Pick<Broker, 'subscribe'> = {
    subscribe(...options) {
      const subscription = subscribe.apply(broker, options)
      open++
      return {
        drain: () => subscription.drain(),
        unsubscribe() {
          open--
          subscription.unsubscribe()
        }
      }
    }
  }
  Object.assign(broker, counting)
  const app = Fastify({ forceCloseConnections: true })
  addRoutes(app, stopping.signal)
  await app.listen({ host: '127.0.0.1', port: 0 })
  return { app, stopping, open: () => open }
}

t.test(
  'nothing stays of a wait, whether it ended by time, by the end of the command or by the client',
  async t => {
    const { app, stopping, open } = await startRoutes()
    t.teardown(() => app.close())
    const { port } = app.server.address() as { port: number }
    const address = `http://127.0.0.1:${port}`
    const listeners = (): number => getEventListeners(stopping.signal, 'abort').length

    const id = await accept()
    const late = await get<CommandHistory>(address, `/api/commands/${id}?wait=0.05`)
    t.equal(late.body.state, 'accepted')
    t.equal(listeners(), 0, 'by time')

    const ended = Array.from({ length: 20 }, () =>
      get<CommandHistory>(address, `/api/commands/${id}?wait=60`)
    )
    await waitFor(() => listeners() === 20, { what: 'all wait' })
    await end(id)
    for (const { body } of await Promise.all(ended)) t.equal(body.state, 'complete')
    t.equal(listeners(), 0, 'by the end of the command')

    const other = await accept()
    const gone = connect(port, '127.0.0.1')
    gone.write(`GET /api/commands/${other}?wait=60 HTTP/1.1\r\nHost: localhost\r\n\r\n`)
    await waitFor(() => listeners() === 1, { what: 'the client waits' })
    gone.destroy()
    await waitFor(() => listeners() === 0 && open() === 0, {
      what: 'nobody waits for a client that has gone'
    })
    t.pass('by the client')
  }
)

/** A request whose answer is watched; the connection stays open. */
interface Held {
  readonly socket: Socket
  /** Resolves with the first part of its answer. */
  readonly answer: Promise<string>
  isAnswered(): boolean
}

async function hold(t: Test, port: number, head: string, rest = ''): Promise<Held> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  t.teardown(() => void socket.destroy())
  let isAnswered = false
  const answer = new Promise<string>(resolve => {
    socket.once('data', chunk => {
      isAnswered = true
      resolve(String(chunk))
    })
  })
  await once(socket, 'connect')
  socket.write(`${head} HTTP/1.1\r\nHost: localhost:${port}\r\n${rest}\r\n`)
  return { socket, answer, isAnswered: () => isAnswered }
}

const slowBody = (t: Test, port: number): Promise<Held> =>
  hold(t, port, 'POST /api/commands', 'content-type: application/json\r\ncontent-length: 1000\r\n')

t.test('hundreds of waits and of slow bodies hold up nobody else, and each wait gets its end', async t => {
  const api = await startSiteService('api', nats)
  t.teardown(() => api.stop())
  const { address } = api
  const port = Number(new URL(address).port)
  const id = await accept()
  const waits: Held[] = []
  const bodies: Held[] = []
  for (let i = 0; i < 300; i++) {
    bodies.push(await slowBody(t, port))
    waits.push(await hold(t, port, `GET /api/commands/${id}?wait=60`))
  }
  for (let i = 0; i < 20; i++)
    t.match(await get(address, `/api/commands/${id}`), { status: 200, body: { state: 'accepted' } })
  t.notOk(
    [...waits, ...bodies].some(held => held.isAnswered()),
    'all are held while others are answered'
  )
  await end(id)
  const answers = await Promise.all(waits.map(({ answer }) => answer))
  t.equal(answers.filter(text => text.includes('"complete"')).length, 300)
})

t.test(
  'a wait lasts as long as it was asked for, also beyond the time in which a request must come',
  async t => {
    const door = httpDoor(app => addRoutes(app, new AbortController().signal), {
      server: { requestTimeout: 500, http: { requestTimeout: 500, connectionsCheckingInterval: 50 } }
    })
    const config = parseConfig({ ...spec, service: 'door' }, { NATS_URL: nats.url, SITE, PORT: '0' })
    const service = createService({
      ...{ name: 'door', description: 'in the test', config, log: createTestLog() },
      parts: () => [door]
    })
    await service.start()
    t.teardown(() => service.stop())
    const port = Number(new URL(service.address()).port)
    const slow = await slowBody(t, port)
    const wait = await hold(t, port, `GET /api/commands/${await accept()}?wait=4`)
    t.match(await slow.answer, /408 Request Timeout[\s\S]*NET_TOO_SLOW/, 'a slow body is cut off with a code')
    t.notOk(wait.isAnswered(), 'a wait is not')
    t.match(await wait.answer, /200 OK[\s\S]*"accepted"/)
  }
)
