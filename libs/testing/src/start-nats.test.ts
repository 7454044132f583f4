import { existsSync } from 'node:fs'
import { connect } from '@nats-io/transport-node'
import t from 'tap'
import { startNats } from './start-nats.ts'
import { waitFor } from './wait-for.ts'

t.test('a killed server comes back on the same port with what it stored', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const nc = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 })
  t.teardown(() => nc.close())
  await nc.request('$JS.API.STREAM.CREATE.S', JSON.stringify({ name: 'S', subjects: ['s'], storage: 'file' }))
  await nc.request('s', 'one')

  const { pid } = nats
  await nats.kill9()
  await nats.restart()
  t.not(nats.pid, pid)
  const info = await waitFor(
    async () => (await nc.request('$JS.API.STREAM.INFO.S')).json<{ state: { messages: number } }>(),
    { what: 'stream is there again' }
  )
  t.equal(info.state.messages, 1)
})

t.test('a frozen server answers nothing until it is thawed', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  const nc = await connect({ servers: nats.url })
  t.teardown(() => nc.close())
  await nats.freeze()
  await t.rejects(nc.request('$JS.API.INFO', '', { timeout: 200 }))
  nats.thaw()
  await nc.request('$JS.API.INFO', '', { timeout: 5000 })
})

t.test('another configuration is read while it runs', async t => {
  const nats = await startNats()
  t.teardown(() => nats.stop())
  await nats.reload('authorization { user: a, password: b }')
  await t.rejects(connect({ servers: nats.url, reconnect: false }))
})

t.test('servers that start at the same moment each get a port of their own', async t => {
  const all = await Promise.all([1, 2, 3].map(() => startNats()))
  t.teardown(() => Promise.all(all.map(nats => nats.stop())))
  t.equal(new Set(all.map(nats => nats.port)).size, 3)
  await t.rejects(startNats({ port: all[0]?.port ?? 0 }), /address already in use/)
})

t.test('stop removes the store and may be called twice', async t => {
  const nats = await startNats()
  await nats.stop()
  await nats.stop()
  t.notOk(existsSync(nats.storeDir))
})

t.test('a wrong configuration is an error that shows what the server said', async t => {
  await t.rejects(startNats({ config: 'nonsense {' }), /nats-server ended while starting/)
})
