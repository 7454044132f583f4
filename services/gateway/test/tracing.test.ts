import { type ReceivedSpan, startOtlpReceiver, waitFor } from '@meridian/testing'
import t from 'tap'
import { startGateway } from './gateway-process.ts'
import { LiveClient } from './live-client.ts'
import { startObservatory } from './observatory.ts'

const site = await startObservatory()
t.teardown(() => site.stop())
const receiver = await startOtlpReceiver()
t.teardown(() => receiver.stop())
const gateway = await startGateway(site.nats.url, {
  OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint,
  OTEL_BSP_SCHEDULE_DELAY: '50',
  RING_MS: '100'
})
t.teardown(() => gateway.end('SIGKILL'))

const spanOf = (name: string, test: (span: ReceivedSpan) => boolean = () => true): Promise<ReceivedSpan> =>
  waitFor(() => receiver.spans.find(span => span.name === name && test(span)), { what: `span ${name}` })
const askFor = (id: string) =>
  ({ op: 'command', id, csc: 'MTMount', index: 0, command: 'stop', params: {} }) as const

t.test('a command of a client begins a trace, which commanders get in the headers', async t => {
  const client = await LiveClient.open(gateway.port)
  t.teardown(() => client.ws.terminate())
  client.send(askFor('01jd3xkq7m5v8w2n4p6r9t0abc'))
  await client.next('command')
  t.match(await spanOf('command'), { service: 'gateway', parentSpanId: '', failure: 'CMD_NO_COMMANDER' })
  const parents: (string | undefined)[] = []
  const commander = site.broker.subscribe('cmd.summit.>', message => {
    parents.push(message.headers()['traceparent'])
    message.respond(JSON.stringify({ error: { code: 'CMD_OVERLOAD', message: 'x', canRetry: true } }))
  })
  await site.broker.flush()
  client.send(askFor('01jd3xkq7m5v8w2n4p6r9t0abd'))
  await client.next('command', 2)
  const span = await spanOf('command', ({ failure }) => failure === 'CMD_OVERLOAD')
  t.same(parents, [`00-${span.traceId}-${span.spanId}-01`])
  commander.unsubscribe()
})

t.test('what is read back from a stream for a client is a span', async t => {
  const subject = 'evt.summit.MTMount.0.logMessage'
  const client = await LiveClient.open(gateway.port)
  client.send({ op: 'subscribe', id: 1, patterns: [{ pattern: subject }] })
  await client.next('live')
  await site.put(subject)
  await client.hasSeen(1)
  const { cursor } = client
  client.ws.close()
  for (let n = 0; n < 3; n++) await site.put(subject)
  await new Promise(resolve => setTimeout(resolve, 300))
  await site.put(subject)
  const later = await LiveClient.open(gateway.port)
  t.teardown(() => later.ws.terminate())
  later.send({ op: 'resume', cursor, subscriptions: [{ id: 1, patterns: [{ pattern: subject }] }] })
  await later.hasSeen(4)
  t.match(await spanOf('backfill'), { service: 'gateway', failure: undefined })
})
