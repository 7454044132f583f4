import { noTracer, type Tracer } from './tracer.ts'

/**
 * The tracer of a process, as OpenTelemetry's own environment says: on where OTEL_EXPORTER_OTLP_ENDPOINT or
 * OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names a receiver, unless OTEL_SDK_DISABLED is `true` or OTEL_TRACES_EXPORTER is
 * `none`. Where it is off, the library is not even loaded.
 */
export async function openTracer(
  service: string,
  process: string,
  env: Readonly<NodeJS.ProcessEnv>
): Promise<Tracer> {
  if (!isWanted(env)) return noTracer
  const { createOtelTracer } = await import('./otel-tracer.ts')
  return createOtelTracer(service, process)
}

const isWanted = (env: Readonly<NodeJS.ProcessEnv>): boolean =>
  Boolean(env['OTEL_EXPORTER_OTLP_ENDPOINT'] || env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) &&
  env['OTEL_SDK_DISABLED'] !== 'true' &&
  env['OTEL_TRACES_EXPORTER'] !== 'none'
