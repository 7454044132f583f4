// A1: what it costs to find out who somebody is and what he may read: a token seen for the first time, as a
// connection brings it; one seen before, as each command brings it; and a pattern met with the rights of a role, as
// each subscription has it.

import { accessSettings, createAccess, createSigner, type TokenSigner } from '@meridian/auth'
import { startTestSite } from '@meridian/broker/testing'
import { loadSite } from '@meridian/catalogue'
import { commonSettings, createService, parseConfig } from '@meridian/service'
import { telemetryOf } from '@meridian/subjects'
import { createTestLog } from '@meridian/testing'
import { Type } from 'typebox'
import { ownCpuUs, rounded } from './cpu.ts'
import type { BenchOptions, BenchResult } from './result.ts'

const SITE = 'summit'
const TOKENS = 2_000
const TIMES = 100
const MOST_NEW_US = 100
const MOST_COMMAND_US = 200
const ROLES = ['operator']
const spec = {
  service: 'bench',
  summary: '',
  settings: Type.Object({ ...commonSettings, ...accessSettings })
}

/** Verifies the tokens of so many users, once and then again and again. */
export async function run(_options: BenchOptions): Promise<BenchResult> {
  const { nats, broker, stop } = await startTestSite({ buckets: true })
  const log = createTestLog()
  const config = parseConfig(spec, { NATS_URL: nats.url, AUTH_MODE: 'local', DRAIN_MS: '500' })
  const { access, parts } = createAccess(config, loadSite(SITE), log)
  const service = createService({ name: spec.service, description: '', config, log, parts: () => parts })
  const identify = async (tokens: readonly string[]): Promise<void> => {
    for (const token of tokens) await access.identify(token)
  }
  const read = (tokens: readonly string[]): void => {
    for (const [n] of tokens.entries()) access.rights.readable({ name: 'ada', roles: ROLES }, patternOf(n))
  }
  try {
    await service.start()
    const has = (id: string): boolean => parts[0]?.keys().has(id) ?? false
    const signer = createSigner({ broker, site: SITE, keys: { has } })
    await identify(await signMany(signer, 'warm'))
    const tokens = await signMany(signer, 'user')
    const again = async (): Promise<void> => {
      for (let n = 0; n < TIMES; n++) await identify(tokens)
    }
    const newUs = await cpuPer(TOKENS, () => identify(tokens))
    const knownUs = await cpuPer(TOKENS * TIMES, again)
    const patternUs = await cpuPer(TOKENS, () => read(tokens))
    return resultOf({ newUs, knownUs, patternUs })
  } finally {
    await service.stop()
    await stop()
  }
}

/** Different ones: what was worked out once is remembered. */
const patternOf = (n: number): string =>
  telemetryOf({ site: SITE, csc: 'MTMount', index: 0, topic: `topic${n}` })

async function signMany(signer: TokenSigner, name: string): Promise<readonly string[]> {
  const tokens: string[] = []
  for (let n = 0; n < TOKENS; n++) {
    const who = { name: `${name}${n}`, roles: ROLES, userRevision: 1, session: `s${n}`, host: '10.0.0.7' }
    tokens.push((await signer.sign(who)).token)
  }
  return tokens
}

async function cpuPer(count: number, work: () => void | Promise<void>): Promise<number> {
  const before = ownCpuUs()
  await work()
  return (ownCpuUs() - before) / count
}

interface Measured {
  readonly newUs: number
  readonly knownUs: number
  readonly patternUs: number
}

function resultOf({ newUs, knownUs, patternUs }: Measured): BenchResult {
  return {
    id: 'A1',
    what: `access tokens of ${TOKENS.toLocaleString('en')} users, verified by one process`,
    target: `<= ${MOST_NEW_US} us of CPU for the token of a connection, <= ${MOST_COMMAND_US} us for that of a command`,
    figures: {
      'CPU us, token not seen before': rounded(newUs, 1),
      'CPU us, token seen before': rounded(knownUs, 2),
      'CPU us, pattern met with a role': rounded(patternUs, 2)
    },
    reached: newUs <= MOST_NEW_US && knownUs <= MOST_COMMAND_US,
    notes: [
      'CPU of the whole process, the threads of its crypto included; Ed25519 itself is most of the first figure. A message costs nothing of it: rights are met once with each pattern'
    ]
  }
}
