import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { natsConfOf } from '@meridian/auth/broker'
import { type Broker, connectBroker, createNkey } from '@meridian/broker'
import { inboxPrefixOf, type ProcessKind, processKinds } from '@meridian/subjects'
import { createTestLog, startNats, type TestNats } from '@meridian/testing'
import { CHANGE_WORD } from '../keyed-site/facts.ts'

/** What the processes of a kind published and subscribed to, each subject once. */
export interface Used {
  readonly publish: Set<string>
  readonly subscribe: Set<string>
}

/** A nats-server on the generated file, which writes down what each kind of process does. */
export interface TracedBroker {
  readonly nats: TestNats
  readonly used: ReadonlyMap<ProcessKind, Used>
  /** The refusals in its log. */
  readonly refusals: readonly string[]
  /** The file with the seed of a kind. */
  nkeyFile(kind: ProcessKind): string
  connect(kind: ProcessKind): Promise<Broker>
  stop(): Promise<void>
}

const LINE = /nkey:(U\w+)" - <<- \[(PUB|HPUB|SUB) (\S+)/

/** Starts it for a site; it traces, so it is slow. */
export async function startTracedBroker(site: string): Promise<TracedBroker> {
  const keys = processKinds.map(kind => ({ kind, ...createNkey() }))
  const folder = mkdtempSync(join(tmpdir(), 'meridian-seeds-'))
  for (const { kind, seed } of keys) writeFileSync(join(folder, kind), seed, { mode: 0o600 })
  const used = new Map<ProcessKind, Used>(
    processKinds.map(kind => [kind, { publish: new Set(), subscribe: new Set() }])
  )
  const refusals: string[] = []

  function onLine(line: string): void {
    if (line.includes('Permissions Violation')) refusals.push(line)
    const [, publicKey, verb, subject] = LINE.exec(line) ?? []
    const kind = keys.find(key => key.publicKey === publicKey)?.kind
    if (kind === undefined || subject === undefined) return
    used.get(kind)?.[verb === 'SUB' ? 'subscribe' : 'publish'].add(subject)
  }

  const conf = natsConfOf({ site, users: keys, changeWord: CHANGE_WORD })
  const nats = await startNats({ config: `trace: true\n${conf}`, onLine })
  const nkeyFile = (kind: ProcessKind): string => join(folder, kind)
  return {
    nats,
    used,
    refusals,
    nkeyFile,
    connect: kind =>
      connectBroker({
        ...{ servers: nats.url, name: kind, log: createTestLog() },
        ...{ nkeyFile: nkeyFile(kind), inboxPrefix: inboxPrefixOf(kind) },
        ...(kind === 'admin' && { changeWord: CHANGE_WORD })
      }),
    async stop() {
      await nats.stop()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
