import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { W3CTraceContextPropagator } from '@opentelemetry/core'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { VERSION } from '../version.ts'
import type { Span, SpanOptions, TraceHeaders, Tracer } from './tracer.ts'

// Loaded only where tracing is on: see openTracer.

const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT, internal: SpanKind.INTERNAL }
/** A receiver that does not answer must not hold up the end of a process, ms. */
const STOP_MS = 1_000

const propagator = new W3CTraceContextPropagator()
const reader = {
  keys: (headers: TraceHeaders) => Object.keys(headers),
  get: (headers: TraceHeaders, name: string) => headers[name] as string | string[] | undefined
}
const writer = {
  set(headers: Record<string, string>, name: string, value: string): void {
    headers[name] = value
  }
}

/**
 * A tracer that sends spans by OTLP over HTTP, in batches, to where the OTEL_* environment says. Names of service and
 * process are those of Meridian unless OTEL_SERVICE_NAME or OTEL_RESOURCE_ATTRIBUTES tell others.
 */
export function createOtelTracer(service: string, process: string): Tracer {
  const own = resourceFromAttributes({
    'service.name': service,
    'service.namespace': 'meridian',
    'service.version': VERSION,
    'service.instance.id': process
  })
  const provider = new BasicTracerProvider({
    resource: own.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())]
  })
  const tracer = provider.getTracer('meridian', VERSION)
  return {
    isOn: true,
    start(name, { kind, parent = {}, attributes = {} }: SpanOptions): Span {
      const from = propagator.extract(ROOT_CONTEXT, parent, reader)
      const span = tracer.startSpan(name, { kind: KINDS[kind], attributes: { ...attributes } }, from)
      return {
        headers: headersOf(trace.setSpan(from, span)),
        event: (what, facts) => void span.addEvent(what, facts && { ...facts }),
        end(failure) {
          if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
          span.end()
        }
      }
    },
    async stop() {
      const late = new Promise<void>(resolve => setTimeout(resolve, STOP_MS).unref())
      await Promise.race([provider.shutdown().catch(() => {}), late])
    }
  }
}

function headersOf(context: Context): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  propagator.inject(context, headers, writer)
  return headers
}
