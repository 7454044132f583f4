import { join } from 'node:path'
import { createService, parseConfig, type Service } from '@meridian/service'
import { createTestLog, type TestLog } from '@meridian/testing'
import type { Test } from 'tap'
import { spec } from '../src/config.ts'
import { servedStreams } from '../src/followers.ts'
import { type GatewayAccess, gatewayParts } from '../src/gateway.ts'

/** A gateway inside the test's process: quick to start, for tests that send it no signal. */
export interface GatewayInside {
  readonly port: number
  readonly log: TestLog
  readonly service: Service
}

/** Starts one, ready to serve; it stops with the test. */
export async function startGatewayInside(
  t: Test,
  natsUrl: string,
  settings: Record<string, string> = {},
  access: GatewayAccess = {}
): Promise<GatewayInside> {
  const config = parseConfig(spec, { NATS_URL: natsUrl, PORT: '0', DRAIN_MS: '1000', ...settings })
  const log = createTestLog()
  const service = createService({
    name: spec.service,
    description: spec.summary,
    config,
    log,
    readyWithoutBroker: true,
    streams: servedStreams.map(stream => stream.name),
    parts: () => gatewayParts(config, log, access)
  })
  t.teardown(() => service.stop())
  await service.start()
  return { port: Number(new URL(service.address()).port), log, service }
}

/** Settings of a gateway whose site gives everybody one role more than the shipped ones, as YAML in one line. */
export function withRole(t: Test, role: string): Record<string, string> {
  const text = `name: summit\ninstances: { MTMount: [0] }\nroles: { watcher: ${role} }\n`
  return { SITE_FILE: join(t.testdir({ 'site.yaml': text }), 'site.yaml'), OPEN_ROLE: 'watcher' }
}
