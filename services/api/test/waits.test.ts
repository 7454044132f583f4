import { getEventListeners, once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { append, type Broker } from '@meridian/broker'
import type { CommandHistory, IntakeRecord } from '@meridian/protocol/commands'
import { ackOf, intakeOf } from '@meridian/subjects'
import { waitFor } from '@meridian/testing'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import { ulid } from 'ulid'
import { addCommandRoutes } from '../src/command-routes.ts'
import { get, openSite, SITE, startSiteService } from './harness.ts'

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
  addCommandRoutes(app, {
    broker: () => broker,
    site: SITE,
    answerMs: 1_000,
    commanderClock: { acceptBy: () => Number.MAX_SAFE_INTEGER },
    stopping: stopping.signal,
    onBadRecord: () => {}
  })
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

t.test(
  'hundreds of waits and of slow bodies hold up nobody else; a wait lasts as long as it was asked for',
  async t => {
    const api = await startSiteService('api', nats)
    t.teardown(() => api.stop())
    const { address } = api
    const port = Number(new URL(address).port)
    const id = await accept()
    const startMs = performance.now()
    const long = get<CommandHistory>(address, `/api/commands/${await accept()}?wait=17`)
    const sockets: Socket[] = []
    t.teardown(() => sockets.forEach(socket => void socket.destroy()))
    const open = async (head: string): Promise<void> => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => {})
      sockets.push(socket)
      await once(socket, 'connect')
      socket.write(`${head} HTTP/1.1\r\nHost: localhost:${port}\r\n`)
    }
    for (let i = 0; i < 300; i++) {
      await open('POST /api/commands')
      sockets.at(-1)?.write('content-type: application/json\r\ncontent-length: 1000\r\n\r\n{"csc":')
      await open(`GET /api/commands/${id}?wait=60`)
      sockets.at(-1)?.write('\r\n')
    }
    for (let i = 0; i < 20; i++) {
      const { status, body } = await get<CommandHistory>(address, `/api/commands/${id}`)
      t.equal(status, 200)
      t.equal(body.state, 'accepted')
    }
    const waits = sockets.filter((_, i) => i % 2 === 1)
    const answers = waits.map(socket => once(socket, 'data'))
    const slow = once(sockets[0] as Socket, 'data')
    await end(id)
    const texts = (await Promise.all(answers)).map(([chunk]) => String(chunk))
    t.equal(texts.filter(text => text.includes('"complete"')).length, 300, 'each wait gets its end')
    t.match(
      String((await slow)[0]),
      /408 Request Timeout[\s\S]*NET_TOO_SLOW/,
      'a slow body is cut off with a code'
    )
    t.match(await long, { status: 200, body: { state: 'accepted' } })
    t.ok(performance.now() - startMs >= 17_000, 'longer than a request may take to come in')
  }
)
