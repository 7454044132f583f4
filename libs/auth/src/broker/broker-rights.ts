import {
  bucketSubjects,
  bucketTable,
  LIST_STREAMS,
  readBelowSubjects,
  type StreamRight
} from '@meridian/broker'
import { AUTH_EVENTS, type AuditKind } from '@meridian/protocol/http'
import {
  auditOf,
  commanderAliveOf,
  commandsOf,
  everythingBelow,
  execRepliesOf,
  forgetsOf,
  gatewayClientsOf,
  gatewayLoadOf,
  heartbeatsOf,
  type OwnComponent,
  type ProcessKind,
  patternOf,
  removalsOf,
  type StreamName,
  streamSubjects
} from '@meridian/subjects'

/** Its name at the server: a stream of the site, a bucket, or a mirror of another site's stream. */
type StreamAtBroker = StreamName | `KV_${string}` | `${StreamName}_${string}`

/** What a kind of process may do at the broker of a site. */
export interface BrokerRights {
  /** Answers `$SRV` under this name, as every service does; undefined: it is none. */
  readonly service?: string
  readonly publish: readonly string[]
  readonly subscribe: readonly string[]
  /** What it does with each stream. A bucket is the stream `KV_<bucket>`. */
  readonly streams: Readonly<Partial<Record<StreamAtBroker, readonly StreamRight[]>>>
  /** The kinds whose requests it answers: it may publish to their inboxes, and to nobody else's. */
  readonly answers: readonly ProcessKind[]
}

const BUCKET = ['info', 'get', 'read'] as const satisfies readonly StreamRight[]
const READ = ['info', 'get', 'read', 'readSeveral'] as const satisfies readonly StreamRight[]
/** As much, but for single messages. */
const READ_BACK = ['info', 'read', 'readSeveral'] as const satisfies readonly StreamRight[]

/** What lets people in by their tokens, where the site has users: the keys, and what was revoked. */
const VERIFY = { KV_auth_keys: BUCKET, KV_auth_revoked: BUCKET } as const

/** What the admin may do to every stream of the site, and to buckets that a backup has. */
const WHOLE = ['backup', 'restore', 'delete'] as const satisfies readonly StreamRight[]

/** The heartbeats of processes of a kind. */
const beatsOf = (site: string, csc: OwnComponent): string => patternOf('hb', { site, csc })
const eventsOf = (site: string, csc: OwnComponent): string => everythingBelow('evt', { site, csc })
/** The subjects of the audit that a kind of process writes, each by its name. */
const auditsOf = (site: string, whats: readonly AuditKind[]): readonly string[] =>
  whats.map(what => auditOf(site, what))

/**
 * The one table of who may do what at the broker of a site: nats.conf is generated from it, and a test of the
 * whole system proves that each line is needed and nothing is missing. What is not named is refused. Nobody has
 * `allow_responses`: the server would remember the reply of every stored message that it delivers
 * [docs/adr/0018-rights-at-the-broker.md].
 */
export const brokerRights: Readonly<Record<ProcessKind, (site: string) => BrokerRights>> = {
  producer: site => ({
    service: 'producer',
    publish: [
      ...streamSubjects('TEL', site),
      ...streamSubjects('EVT', site),
      ...streamSubjects('SCRIPT', site)
    ],
    subscribe: [everythingBelow('rawTelemetry', { site }), forgetsOf(site)],
    // At its start the state of a script queue is read back, and, by a source that begins where the streams stand, what they hold.
    streams: { TEL: READ_BACK, EVT: READ_BACK, SCRIPT: READ_BACK },
    answers: ['observer']
  }),
  gateway: site => ({
    service: 'gateway',
    publish: [
      beatsOf(site, 'Gateway'),
      gatewayLoadOf(site),
      commandsOf(site),
      ...auditsOf(site, ['read-refused', 'token-refused']),
      // Of what AUDIT keeps, notes of what was removed on purpose, and nothing else.
      ...readBelowSubjects('AUDIT', removalsOf(site))
    ],
    subscribe: [gatewayLoadOf(site), gatewayClientsOf(site), forgetsOf(site), commanderAliveOf(site)],
    streams: {
      TEL: READ,
      EVT: READ,
      SCRIPT: READ,
      COMMANDS: READ,
      AUDIT: ['info', 'get'],
      ...VERIFY
    },
    answers: ['observer']
  }),
  commander: site => ({
    service: 'commander',
    publish: [
      ...streamSubjects('COMMANDS', site),
      everythingBelow('exec', { site }),
      commanderAliveOf(site),
      beatsOf(site, 'Commander'),
      eventsOf(site, 'Liveness'),
      ...auditsOf(site, ['command-refused', 'token-refused'])
    ],
    subscribe: [
      commandsOf(site),
      commanderAliveOf(site),
      heartbeatsOf(site),
      eventsOf(site, 'Producer'),
      eventsOf(site, 'Liveness')
    ],
    streams: {
      TEL: ['info', 'get', 'read'],
      EVT: ['info', 'get', 'readSeveral'],
      COMMANDS: ['info', 'get', 'read', 'share'],
      ...VERIFY
    },
    answers: ['api', 'gateway', 'observer']
  }),
  api: site => ({
    service: 'api',
    // Users log in here: no other process changes them, signs tokens or revokes.
    publish: [
      beatsOf(site, 'Api'),
      commandsOf(site),
      ...bucketTable('site').map(({ name }) => bucketSubjects(name)),
      // Each by its name: notes of what was removed from streams are not among them.
      ...auditsOf(site, [...AUTH_EVENTS, 'read-refused', 'manage-refused', 'token-refused'])
    ],
    subscribe: [commanderAliveOf(site), everythingBelow('ack', { site })],
    streams: {
      TEL: ['info', 'get', 'getMany', 'read'],
      EVT: [...READ, 'getMany'],
      SCRIPT: [...READ, 'getMany'],
      COMMANDS: READ,
      AUDIT: ['info', 'read'],
      ...VERIFY,
      KV_auth_users: BUCKET,
      KV_auth_sessions: BUCKET,
      KV_auth_tokens: BUCKET
    },
    answers: ['observer']
  }),
  simulator: site => ({
    service: 'simulator',
    publish: [everythingBelow('rawTelemetry', { site }), execRepliesOf(site)],
    subscribe: [everythingBelow('exec', { site })],
    streams: {},
    answers: ['observer']
  }),
  admin: site => ({
    publish: [
      // `pnpm forget`: what was removed, and what pages are told of it.
      everythingBelow('forget', { site }),
      removalsOf(site),
      eventsOf(site, 'Liveness'),
      // What an earlier version kept elsewhere is written anew.
      ...streamSubjects('SCRIPT', site)
    ],
    subscribe: [heartbeatsOf(site)],
    streams: {
      TEL: ['info', 'readSeveral', 'create', 'update', 'purge', ...WHOLE],
      EVT: ['info', 'read', 'readSeveral', 'create', 'update', 'purge', ...WHOLE],
      SCRIPT: ['info', 'get', 'create', 'update', ...WHOLE],
      COMMANDS: ['info', 'create', 'update', ...WHOLE],
      JOBS: ['info', 'create', 'update', ...WHOLE],
      JOBSTATE: ['info', 'create', 'update', ...WHOLE],
      AUDIT: ['info', 'create', 'update', ...WHOLE],
      ...Object.fromEntries(
        bucketTable('site').map(({ name, isBackedUp }) => [
          `KV_${name}`,
          ['info', 'create', ...(isBackedUp ? WHOLE : [])]
        ])
      )
    },
    answers: []
  }),
  // Not `cmd`, which carries the tokens of users, and not what AUDIT keeps of them.
  observer: site => ({
    publish: [
      ...LIST_STREAMS,
      gatewayClientsOf(site),
      // What `nats micro ping` and `nats micro ls` ask.
      '$SRV.PING',
      '$SRV.INFO',
      ...SERVICE_VERBS.map(verb => `$SRV.${verb}.>`)
    ],
    subscribe: [
      ...(['TEL', 'EVT', 'SCRIPT', 'COMMANDS'] as const).flatMap(stream => streamSubjects(stream, site)),
      everythingBelow('rawTelemetry', { site }),
      gatewayLoadOf(site),
      commanderAliveOf(site)
    ],
    // Of COMMANDS no consumer: the names of commanders' own are no secret, and what is pulled from one is not executed.
    streams: { TEL: READ, EVT: READ, SCRIPT: READ, COMMANDS: ['info', 'get'] },
    answers: []
  })
}

/** Verbs of `$SRV` that every service answers, such as `$SRV.PING`. */
export const SERVICE_VERBS = ['PING', 'INFO', 'STATS']
