/** The generated file on a real nats-server: each kind of process may do what its row says, and nothing that only others may. */
import { type Broker, connectBroker, createNkey } from '@meridian/broker'
import { onRefused } from '@meridian/broker/testing'
import {
  ackOf,
  auditOf,
  commandOf,
  execOf,
  forgetOf,
  inboxPrefixOf,
  intakeOf,
  intersect,
  type ProcessKind,
  processKinds,
  rawHeartbeatOf,
  removalsOf,
  splitPattern,
  telemetryOf
} from '@meridian/subjects'
import { createTestLog, startNats, waitFor } from '@meridian/testing'
import t from 'tap'
import { natsConfOf, permissionsOf } from '../src/broker/index.ts'

const SITE = 'hill'
const keys = new Map(processKinds.map(kind => [kind, createNkey()]))
const refused = new Set<string>()
const nats = await startNats({
  config: natsConfOf({
    site: SITE,
    users: [...keys].map(([kind, { publicKey }]) => ({ kind, publicKey }))
  })
})
t.teardown(() => nats.stop())
const seeds = t.testdir(Object.fromEntries([...keys].map(([kind, { seed }]) => [kind, seed])))

const brokers = new Map<ProcessKind, Broker>()
for (const kind of processKinds) {
  const broker = await connectBroker({
    ...{ servers: nats.url, name: kind, log: createTestLog(), nkeyFile: `${seeds}/${kind}` },
    inboxPrefix: inboxPrefixOf(kind)
  })
  t.teardown(() => broker.drain())
  onRefused(broker, (operation, subject) => refused.add(`${kind} ${operation} ${subject}`))
  brokers.set(kind, broker)
}

/** Some subject that falls under a pattern. */
const someOf = (pattern: string): string => pattern.replaceAll('*', 'x').replace(/>$/, 'y.z')

const isHeld = (subject: string, rights: readonly string[]): boolean =>
  rights.some(right => intersect(splitPattern(right), splitPattern(subject)).includes(subject))

const allOf = (what: 'publish' | 'subscribe'): readonly string[] => [
  ...new Set(processKinds.flatMap(kind => permissionsOf(kind, SITE)[what]))
]

let attempts = 0
async function attempt(kind: ProcessKind, subjects: readonly string[], patterns: readonly string[]) {
  const broker = brokers.get(kind) as Broker
  for (const subject of subjects) broker.publish(subject, '')
  for (const pattern of patterns) broker.subscribe(pattern, () => {}).unsubscribe()
  // Behind all others: when this one is refused, all are.
  const end = `end.${++attempts}`
  broker.publish(end, '')
  await waitFor(() => refused.has(`${kind} publish ${end}`), { what: `the end of ${kind}` })
}

t.test(
  'every kind of process tries what any other may: its own rights are given, all else is refused',
  async t => {
    const subjects = allOf('publish').map(someOf)
    const patterns = allOf('subscribe')
    t.ok(subjects.length > 60 && patterns.length > 15, `${subjects.length} and ${patterns.length}`)
    for (const kind of processKinds) {
      const own = permissionsOf(kind, SITE)
      await attempt(kind, subjects, patterns)
      const wrong = [
        ...subjects
          .filter(subject => isHeld(subject, own.publish) === refused.has(`${kind} publish ${subject}`))
          .map(subject => `publish ${subject}`),
        ...patterns
          .filter(
            pattern => isHeld(pattern, own.subscribe) === refused.has(`${kind} subscription ${pattern}`)
          )
          .map(pattern => `subscribe ${pattern}`)
      ]
      t.same(wrong, [], kind)
    }
  }
)

t.test('what the table must never allow is refused, whatever it says', async t => {
  const instance = { site: SITE, csc: 'MTMount', index: 0 }
  const telemetry = telemetryOf({ ...instance, topic: 'azimuth' })
  const command = commandOf(instance, 'stop')
  const exec = execOf(instance, 'stop')
  const wrong: Readonly<Partial<Record<ProcessKind, readonly string[]>>> = {
    producer: [command, exec, intakeOf(instance, 'A'), ackOf(instance, 'A'), auditOf(SITE, 'login')],
    gateway: [
      ...[telemetry, exec, intakeOf(instance, 'A'), ackOf(instance, 'A'), '$JS.API.STREAM.PURGE.TEL'],
      ...[auditOf(SITE, 'log-in'), auditOf(SITE, 'user-changed'), auditOf(SITE, 'command-refused')],
      ...[removalsOf(SITE), '$JS.API.STREAM.INFO.KV_auth_users']
    ],
    commander: [
      ...[telemetry, command, rawHeartbeatOf(instance), '$JS.API.STREAM.PURGE.COMMANDS'],
      ...[auditOf(SITE, 'log-in'), auditOf(SITE, 'read-refused'), '$JS.API.STREAM.INFO.AUDIT']
    ],
    api: [
      ...[
        telemetry,
        exec,
        intakeOf(instance, 'A'),
        ackOf(instance, 'A'),
        '$JS.API.STREAM.DELETE.COMMANDS',
        '$JS.API.STREAM.SNAPSHOT.KV_auth_users'
      ],
      auditOf(SITE, 'command-refused')
    ],
    simulator: [telemetry, command, ackOf(instance, 'A'), '$JS.API.STREAM.INFO.TEL'],
    admin: [
      telemetry,
      command,
      exec,
      ackOf(instance, 'A'),
      auditOf(SITE, 'login'),
      '$JS.API.STREAM.DELETE.TEL',
      '$JS.API.STREAM.SNAPSHOT.TEL',
      '$JS.API.STREAM.RESTORE.TEL',
      '$JS.API.STREAM.MSG.DELETE.TEL'
    ],
    observer: [telemetry, command, exec, ackOf(instance, 'A'), forgetOf(instance), '$JS.API.STREAM.PURGE.TEL']
  }
  for (const kind of processKinds) {
    const everywhere = ['$SYS.REQ.SERVER.PING', '$JS.API.CONSUMER.CREATE.JOBS.thief', 'tel.other.A.0.b']
    const inboxes = processKinds.filter(other => other !== kind).map(other => `${inboxPrefixOf(other)}.>`)
    const subjects = [...(wrong[kind] ?? []), ...everywhere]
    await attempt(kind, subjects, ['>', '*.*.>', '$SYS.>', '_INBOX.>', ...inboxes])
    for (const subject of subjects) t.ok(refused.has(`${kind} publish ${subject}`), `${kind}: ${subject}`)
    for (const pattern of ['>', '*.*.>', '$SYS.>', '_INBOX.>', ...inboxes])
      t.ok(refused.has(`${kind} subscription ${pattern}`), `${kind}: ${pattern}`)
  }
})
