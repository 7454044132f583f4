import { startTestSite } from '@meridian/broker/testing'
import { commandOf, execOf } from '@meridian/subjects'
import { type ReceivedSpan, startOtlpReceiver, waitFor } from '@meridian/testing'
import t from 'tap'
import { newId, SITE, stagesToEnd, startCommander, startComponent } from './harness.ts'

const { nats, broker, stop } = await startTestSite()
t.teardown(stop)
const receiver = await startOtlpReceiver()
t.teardown(() => receiver.stop())
const commander = await startCommander(nats, {
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  OTEL_BSP_SCHEDULE_DELAY: '50'
})
t.teardown(() => commander.stop())
const mount = startComponent(broker, 'MTMount', 0, ({ command }, reply) => {
  if (command === 'disable') return reply({ ack: -302, result: 'Failed' })
  reply({ ack: 301, result: 'Ack: In progress', timeout: 5 })
  reply({ ack: 303, result: 'Done' })
})
t.teardown(() => mount.stop())

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const DOOR = 'b7ad6b7169203331'
const target = { site: SITE, csc: 'MTMount', index: 0 }
const HEXAPOD = { site: SITE, csc: 'MTHexapod', index: 1 }

/** Asks as a door whose own span has the id DOOR. */
async function askTraced(command: string, id: string): Promise<void> {
  const headers = { traceparent: `00-${TRACE}-${DOOR}-01` }
  await waitFor(
    async () => {
      const options = { timeoutMs: 8_000, headers }
      const answer = await broker.request(commandOf(target, command), JSON.stringify({ id }), options)
      return !answer.text().includes('CMD_OFFLINE')
    },
    { what: 'the component to be heard' }
  )
}

const spanOf = (name: string, test: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan> =>
  waitFor(() => receiver.spans.find(span => span.name === name && test(span)), { what: `span ${name}` })

t.test('a command is one trace from its door over the commander to its end at the component', async t => {
  const exec: string[] = []
  const watch = broker.subscribe(execOf(target, 'stop'), message => {
    exec.push(message.headers()['traceparent'] ?? '')
  })
  t.teardown(() => watch.unsubscribe())
  const id = newId()
  await askTraced('stop', id)
  await stagesToEnd(broker, id)
  const accept = await spanOf('command accept', ({ failure }) => failure === undefined)
  t.match(accept, { service: 'commander', traceId: TRACE, parentSpanId: DOOR })
  const execute = await spanOf('command execute')
  t.match(execute, { service: 'commander', traceId: TRACE, parentSpanId: accept.spanId })
  t.same(execute.events, ['dispatching', 'inProgress', 'complete'])
  t.equal(execute.failure, undefined)
  t.same(exec, [`00-${TRACE}-${execute.spanId}-01`], 'the component can go on with it')
})

t.test('a command that fails, and one that is refused, are failed spans with the reason', async t => {
  const id = newId()
  await askTraced('disable', id)
  await stagesToEnd(broker, id)
  t.match(await spanOf('command execute', ({ failure }) => failure !== undefined), { failure: 'failed' })
  await broker.request(commandOf(target, 'noSuchCommand'), '{}', { timeoutMs: 8_000 })
  t.match(await spanOf('command accept', ({ parentSpanId }) => parentSpanId === ''), {
    failure: /^CMD_/
  })
})

t.test('a command that another commander adopted has a span there, until its end', async t => {
  const id = newId()
  // It answers nothing: the command is still open when its commander is lost.
  const hexapod = startComponent(broker, 'MTHexapod', 1, () => {})
  t.teardown(() => hexapod.stop())
  const ask = () =>
    broker.request(commandOf(HEXAPOD, 'disable'), JSON.stringify({ id }), { timeoutMs: 8_000 })
  await waitFor(async () => (await ask()).text().includes('accepted'), { what: 'the hexapod is heard' })
  await waitFor(() => hexapod.executions.has(id), { what: 'it was told' })
  await commander.stop()
  const heir = await startCommander(nats, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_SERVICE_NAME: 'heir',
    OTEL_BSP_SCHEDULE_DELAY: '50'
  })
  t.teardown(() => heir.stop())
  await stagesToEnd(broker, id, 30_000)
  const span = await spanOf('command adopt')
  t.match(span, { service: 'heir', parentSpanId: '', events: ['unknown'], failure: 'unknown' })
  t.match(span.attributes, { id, csc: 'MTHexapod', command: 'disable' })
  t.notOk(
    receiver.spans.some(one => one.name === 'command execute' && one.attributes['id'] === id),
    'that of the commander that was killed is lost with it'
  )
})

t.test('the end of a process sends what has ended', async t => {
  const last = await startCommander(nats, {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
    OTEL_SERVICE_NAME: 'last',
    OTEL_BSP_SCHEDULE_DELAY: '60000'
  })
  // Where an assertion or a request fails before its end, the process would keep this one for ever.
  t.teardown(() => last.stop())
  await broker.request(commandOf(target, 'noSuchCommand'), '{}', { timeoutMs: 8_000 })
  t.notOk(
    receiver.spans.some(({ service }) => service === 'last'),
    'it waits for its time'
  )
  last.child.kill('SIGTERM')
  t.equal(await last.gone, 0)
  t.match(receiver.spans.at(-1), { service: 'last', name: 'command accept' })
})
