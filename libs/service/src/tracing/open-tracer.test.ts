import t from 'tap'
import { openTracer } from './open-tracer.ts'
import { noTracer } from './tracer.ts'

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }

t.test('without a receiver, or where it is turned off, nothing is traced and no header is made', async t => {
  for (const env of [
    {},
    { OTEL_SERVICE_NAME: 'gateway' },
    { ...ENDPOINT, OTEL_SDK_DISABLED: 'true' },
    { ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }
  ])
    t.equal(await openTracer('test', 'test-1', env), noTracer, JSON.stringify(env))
  const span = noTracer.start('work', { kind: 'internal' })
  t.equal(span.headers, undefined)
  t.equal(noTracer.start('work', { kind: 'internal' }), span, 'nothing is made for a span')
})

t.test('with a receiver a span goes on the trace of its parent', async t => {
  const tracer = await openTracer('test', 'test-1', ENDPOINT)
  const trace = '0af7651916cd43dd8448eb211c80319c'
  const traceparent = `00-${trace}-b7ad6b7169203331-01`
  const span = tracer.start('work', { kind: 'server', parent: { traceparent, tracestate: 'a=b' } })
  t.match(span.headers, { traceparent: new RegExp(`^00-${trace}-[0-9a-f]{16}-01$`), tracestate: 'a=b' })
  t.not(span.headers?.['traceparent'], traceparent)
  for (const parent of [{}, { traceparent: 'nonsense' }, { traceparent: ['x', 'y'] }])
    t.notMatch(tracer.start('work', { kind: 'server', parent }).headers?.['traceparent'], trace)
})
