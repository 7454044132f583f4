import { join } from 'node:path'
import { natsConfOf } from '@meridian/auth/broker'
import { type Broker, connectBroker, createNkey } from '@meridian/broker'
import { inboxPrefixOf, type ProcessKind, processKinds } from '@meridian/subjects'
import {
  createTestLog,
  type ServiceProcess,
  startNats,
  startSiteService,
  type TestNats
} from '@meridian/testing'
import type { Test } from 'tap'
import { beginStreams, type Ended, type Env } from './command.ts'
import { CHANGE_WORD, SITE } from './facts.ts'

/** A broker that knows each kind of process by its key, and what talks to it. */
export interface KeyedSite {
  readonly nats: TestNats
  /** Holds the seeds, and is gone after the test. */
  readonly folder: string
  /** The environment of a command that the admin types. */
  readonly asAdmin: Env
  seedOf(kind: ProcessKind): string
  connect(kind: ProcessKind): Promise<Broker>
  /** Starts a service, which ends with the test. */
  start(kind: ProcessKind, settings?: Env): Promise<ServiceProcess>
  /** Runs `pnpm streams` to its end, as the admin unless `env` says as whom. */
  streams(args: readonly string[], env?: Env): Promise<Ended>
}

/** Starts one with new keys. */
export async function startKeyedSite(t: Test): Promise<KeyedSite> {
  const keys = processKinds.map(kind => ({ kind, ...createNkey() }))
  const folder = t.testdir({
    ...Object.fromEntries(keys.map(({ kind, seed }) => [`${kind}.seed`, seed])),
    'admin.word': CHANGE_WORD
  })
  const seedOf = (kind: ProcessKind): string => join(folder, `${kind}.seed`)
  const nats = await startNats({ config: natsConfOf({ site: SITE, users: keys, changeWord: CHANGE_WORD }) })
  t.teardown(() => nats.stop())
  const asAdmin = {
    ...{ NATS_URL: nats.url, NATS_NKEY_FILE: seedOf('admin') },
    NATS_CHANGE_WORD_FILE: join(folder, 'admin.word')
  }
  return {
    ...{ nats, folder, asAdmin, seedOf },
    connect: kind =>
      connectBroker({
        ...{ servers: nats.url, name: kind, log: createTestLog(), nkeyFile: seedOf(kind) },
        ...{ inboxPrefix: inboxPrefixOf(kind), ...(kind === 'admin' && { changeWord: CHANGE_WORD }) }
      }),
    async start(kind, settings = {}) {
      const own = { SITE, NATS_NKEY_FILE: seedOf(kind), DRAIN_MS: '2000', ...settings }
      const service = await startSiteService(kind, nats, own)
      t.teardown(() => service.stop())
      return service
    },
    streams: (args, env = asAdmin) => beginStreams(args, { NATS_URL: nats.url, ...env }).ended
  }
}

/** Makes the streams of the site as small as on a laptop. Throws what the command says where it fails. */
export async function makeStreams({ streams }: KeyedSite): Promise<void> {
  const { code, err } = await streams(['--site', SITE, '--profile', 'laptop'])
  if (code !== 0) throw new Error(err)
}
