import { bucketTable, DEVICE_ACCOUNT, MIRRORED, originSubjects } from '@meridian/broker'
import { inboxPrefixOf, processKinds, streamNames, subjectTable, tokensOf } from '@meridian/subjects'
import type { Permissions } from './permissions.ts'

/** What a broker refuses on a leaf link that it dials, in both directions. */
export interface LeafDenials {
  /** What the other broker may not send here. */
  readonly imports: readonly string[]
  /** What is not sent to the other broker. */
  readonly exports: readonly string[]
}

/** The first tokens of all subjects of this project but inboxes. */
const classes = [...new Set(Object.values(subjectTable).map(({ form }) => tokensOf(form)[0] as string))]
  .filter(name => !name.startsWith('_INBOX'))
  .map(name => `${name}.>`)

/**
 * The admin of the other site asks what the origin's epoch is, and is answered. Its inbox is open in both directions: what is not
 * imported is not sent either, where a wildcard subscription brought it [nats-server/server/client.go, deliverMsg].
 */
const inboxes = [
  '_INBOX.>',
  ...processKinds.filter(kind => kind !== 'admin').map(kind => `${inboxPrefixOf(kind)}.>`)
]

/** What a client library, a bucket, a device's connection and a person's tool use: no mirror needs it. */
const ELSEWHERE = ['$SRV.>', '$SYS.>', '$KV.>', '$O.>', '$MQTT.>', '$JS.ACK.>', '$JS.EVENT.>', '$JS.S.>']

/**
 * All but `STREAM.INFO` and `CONSUMER.CREATE` of what JetStream 2.15 is asked [nats-server/server/jetstream_api.go]; a link
 * knows no list of what is allowed, only one of what is not. What a later version adds is to be added here.
 */
const REFUSED_API = [
  ...['INFO', 'ACCOUNT.>', 'META.>', 'SERVER.>', 'DIRECT.>', 'STREAM.NAMES', 'STREAM.LIST'],
  // The domain maps these to the buckets themselves.
  ...['$KV.>', '$OBJ.>'],
  ...[
    'CREATE',
    'UPDATE',
    'DELETE',
    'PURGE',
    'MSG',
    'SNAPSHOT',
    'RESTORE',
    'LEADER',
    'PEER',
    'CANCEL_MOVE'
  ].map(what => `STREAM.${what}.>`),
  ...['DURABLE', 'LIST', 'NAMES', 'INFO', 'DELETE', 'MSG', 'PAUSE', 'RESET', 'UNPIN', 'LEADER', 'PEER'].map(
    what => `CONSUMER.${what}.>`
  ),
  // With a filter or a name: a mirror's consumer has neither.
  'CONSUMER.CREATE.*.>'
]

/**
 * What the broker of a site refuses on the links that it dials. What is left is what another site's mirrors of its streams
 * need: they ask for a consumer, are sent what is stored, and pace it. No sample, event or command crosses by itself.
 */
export function leafDenials(site: string): LeafDenials {
  const others = [
    ...streamNames.filter(name => !MIRRORED.includes(name)),
    ...bucketTable('site').map(({ name }) => `KV_${name}`)
  ].map(stream => originSubjects(stream, site).consumer)
  return {
    imports: [
      ...classes,
      ...inboxes,
      ...ELSEWHERE,
      ...REFUSED_API.map(what => `$JS.${site}.API.${what}`),
      // The admin asks the JetStream of devices as that of a domain.
      `$JS.${DEVICE_ACCOUNT}.API.>`,
      ...others
    ],
    exports: [...classes, ...inboxes, ...ELSEWHERE, '$JS.*.API.>']
  }
}

/**
 * What the broker of a site may do at the one that it dials, which has mirrors of its streams: bring what it is asked for,
 * and hear what a mirror asks. It publishes nothing that a process there would take for its own site's.
 */
export const leafPermissions = (site: string): Permissions => ({
  publish: ['$JS.M.>', '$JSC.R.>', `${inboxPrefixOf('admin')}.>`],
  subscribe: [`$JS.${site}.API.>`, '$JS.FC.>']
})
