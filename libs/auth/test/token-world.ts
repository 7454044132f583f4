import type { Broker } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { loadSite } from '@meridian/catalogue'
import { commonSettings, createService, parseConfig, type Service } from '@meridian/service'
import { createTestLog, type TestLog, type TestNats } from '@meridian/testing'
import type { Test } from 'tap'
import { Type } from 'typebox'
import {
  type Access,
  type AccessPart,
  accessSettings,
  createAccess,
  createRevoker,
  createSigner,
  type Revoker,
  type TokenSigner
} from '../src/index.ts'

/** A process that finds out who somebody is by a token. */
export interface Verifying {
  readonly access: Access
  readonly part: AccessPart
  readonly service: Service
  readonly log: TestLog
}

/** A site of its own, a process that verifies there, and what signs and revokes. */
export interface TokenWorld extends Verifying {
  readonly nats: TestNats
  readonly broker: Broker
  readonly signer: TokenSigner
  readonly revoker: Revoker
}

/** Whom the tokens of these tests are for. */
export const ADA = {
  name: 'ada',
  roles: ['operator'],
  userRevision: 1,
  session: 's1',
  host: '10.0.0.7'
} as const

export const verifyingSpec = {
  service: 'check',
  summary: 'verifies',
  settings: Type.Object({ ...commonSettings, ...accessSettings })
}

/** Starts a process that verifies at a broker; it ends with the test. */
export async function startVerifying(t: Test, natsUrl: string): Promise<Verifying> {
  const config = parseConfig(verifyingSpec, { NATS_URL: natsUrl, AUTH_MODE: 'local', DRAIN_MS: '1000' })
  const log = createTestLog()
  const { access, parts } = createAccess(config, loadSite('summit'), log)
  const [part] = parts
  if (part === undefined) throw new TypeError('mode local has a part')
  const service = createService({
    name: 'check',
    description: verifyingSpec.summary,
    config,
    log,
    parts: () => parts
  })
  t.teardown(() => service.stop())
  await service.start()
  return { access, part, service, log }
}

/** Starts all of it. */
export async function openTokens(t: Test): Promise<TokenWorld> {
  const { nats, broker, stop } = await startTestSite({ buckets: true })
  t.teardown(stop)
  const verifying = await startVerifying(t, nats.url)
  const signer = createSigner({ broker, site: 'summit', keys: verifying.part.keys() })
  return { ...verifying, nats, broker, signer, revoker: createRevoker(broker) }
}
