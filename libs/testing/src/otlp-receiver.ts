import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One span as it was received by OTLP. */
export interface ReceivedSpan {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** Empty where it is the first of its trace. */
  readonly parentSpanId: string
  readonly attributes: Readonly<Record<string, unknown>>
  /** Names of its events, in order. */
  readonly events: readonly string[]
  /** Message of its status where it failed. */
  readonly failure: string | undefined
}

/** A receiver of OpenTelemetry's spans on loopback. */
export interface OtlpReceiver {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  /** All that came, in the order in which it came. */
  readonly spans: readonly ReceivedSpan[]
  stop(): Promise<void>
}

interface WireAttribute {
  readonly key: string
  /** One member, named for its type. */
  readonly value: Readonly<Record<string, unknown>>
}

interface WireSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly attributes?: readonly WireAttribute[]
  readonly events?: readonly { readonly name: string }[]
  readonly status?: { readonly code?: number; readonly message?: string }
}

interface WireExport {
  readonly resourceSpans: readonly {
    readonly resource: {
      readonly attributes: readonly {
        readonly key: string
        readonly value: { readonly stringValue?: string }
      }[]
    }
    readonly scopeSpans: readonly { readonly spans: readonly WireSpan[] }[]
  }[]
}

/** Status code of a span that failed. */
const FAILED = 2

/** Starts a receiver of OTLP over HTTP as JSON (`POST /v1/traces`) on a free port. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const server = createServer((request, response) => {
    void readAll(request).then(body => {
      if (request.url === '/v1/traces') spans.push(...spansOf(JSON.parse(body) as WireExport))
      response.writeHead(request.url === '/v1/traces' ? 200 : 404, { 'content-type': 'application/json' })
      response.end('{}')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    }
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

const spansOf = ({ resourceSpans }: WireExport): readonly ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? ''
    return scopeSpans.flatMap(({ spans }) => spans.map(span => received(service, span)))
  })

const received = (service: string, span: WireSpan): ReceivedSpan => ({
  service,
  name: span.name,
  attributes: Object.fromEntries(
    (span.attributes ?? []).map(({ key, value }) => [key, Object.values(value)[0]])
  ),
  traceId: span.traceId,
  spanId: span.spanId,
  parentSpanId: span.parentSpanId ?? '',
  events: (span.events ?? []).map(({ name }) => name),
  failure: span.status?.code === FAILED ? (span.status.message ?? '') : undefined
})
