import { AppError } from '@meridian/errors'

/** Headers of NATS or HTTP by name; of a trace they hold `traceparent` and `tracestate` (W3C Trace Context). */
export type TraceHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** Facts of a span or of an event in it. */
export type Attributes = Readonly<Record<string, string | number | boolean>>

/** One piece of work in a trace; nothing is sent before it has ended. */
export interface Span {
  /** Headers by which whoever goes on with the work becomes a child of this span; undefined while nothing is traced. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /** Notes an instant within the span, such as the first answer. */
  event(name: string, attributes?: Attributes): void
  /** Ends it, as failed where a code is given. A second call does nothing. */
  end(failure?: string): void
}

/** What a span is, besides its name. */
export interface SpanOptions {
  /** `server` and `client` are the two sides of a request, `internal` is anything else. */
  readonly kind: 'server' | 'client' | 'internal'
  /** Headers of whoever caused it; default, and where they hold no trace: it begins a trace of its own. */
  readonly parent?: TraceHeaders
  readonly attributes?: Attributes
}

/** Makes the spans of a process, and sends those that have ended. */
export interface Tracer {
  /** Whether spans go anywhere: reading headers is saved where they do not. */
  readonly isOn: boolean
  start(name: string, options: SpanOptions): Span
  /** Sends what has ended, for at most a second. */
  stop(): Promise<void>
}

const NO_SPAN: Span = { headers: undefined, event: () => {}, end: () => {} }

/** Traces nothing and costs nothing. */
export const noTracer: Tracer = { isOn: false, start: () => NO_SPAN, stop: async () => {} }

/** Ends a span with the work that it stands for: as failed, with the code, where that rejects or answers an error. */
export async function endedBy<T extends object>(span: Span, work: Promise<T>): Promise<T> {
  try {
    const done = await work
    span.end(failureOf(done))
    return done
  } catch (caught) {
    span.end(AppError.from(caught).code)
    throw caught
  }
}

const failureOf = (done: object): string | undefined =>
  'error' in done ? (done.error as { readonly code?: string }).code : undefined
