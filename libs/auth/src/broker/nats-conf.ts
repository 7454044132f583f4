import {
  apiPrefixOf,
  bucketTable,
  CHANGES,
  isChangeWord,
  NEVER_ASKED,
  streamRightSubjects
} from '@meridian/broker'
import { type ProcessKind, processKinds, streamNames } from '@meridian/subjects'
import { brokerRights } from './broker-rights.ts'
import { type Permissions, permissionsOf } from './permissions.ts'

/** A user of the broker: what kind of process it is, and the public half of its nkey. */
export interface BrokerUser {
  readonly kind: ProcessKind
  /** `U…`: never a seed, which begins with `SU`. */
  readonly publicKey: string
  /** Default: those that its kind has at the site. */
  readonly permissions?: Permissions
}

/** What the users' part of nats.conf is made from. */
export interface NatsConfOptions {
  /** The site: the name of its account, and of the subjects that its users may use. */
  readonly site: string
  readonly users: readonly BrokerUser[]
  /**
   * The admin's word: secret, 32 to 128 letters, digits, `_` and `-`. With it streams are made, changed and emptied on subjects below it alone,
   * so that nobody who does not know it has the server do that. Default: none; the admin has the usual subjects.
   */
  readonly changeWord?: string
  /** Public key of the one user of the system account, for `nats server report`; default: nobody. */
  readonly systemKey?: string
  /** Files of the certificate that the broker shows; TLS begins with the first byte. Default: no TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

const PUBLIC_KEY = /^U[A-Z2-7]{55}$/

/**
 * The part of nats.conf that says who may do what: one account with JetStream for the site, its users with the
 * rights of the table, a system account in which what nobody may ask of JetStream leads nowhere, and TLS where asked for. To be put behind ports, store and limits, or
 * named there with `include`. Holds public keys, and the admin's word where
 * there is one: then the admin and nats-server alone may read it. Throws a TypeError for a key that is none of a user and for a word
 * that is none, and WIR_BAD_SUBJECT for a site that cannot be a token.
 */
export function natsConfOf({ site, users, changeWord, systemKey, tls }: NatsConfOptions): string {
  if (changeWord !== undefined && !isChangeWord(changeWord))
    throw new TypeError('the word of the admin: 32 to 128 letters, digits, _ and - are expected')
  const system = systemKey === undefined ? '' : `\n    { nkey: ${keyOf(systemKey)} }\n  `
  return `# Generated from the table of rights in libs/auth; changes are lost.
accounts {
  ${JSON.stringify(site)} {
    jetstream: enabled
    users: [
${users.map(user => userText(user, site, changeWord)).join('\n')}
    ]
  }
  SYS {
    users: [${system}]
    # What the table gives to nobody is done for nobody: what the server itself writes to a reply subject has no user.
    mappings {
${mappingsOf(site, changeWord)
  .map(([from, to]) => `      ${JSON.stringify(from)}: ${JSON.stringify(to)}`)
  .join('\n')}
    }
  }
}
system_account: SYS
${tls === undefined ? '' : tlsText(tls)}`
}

/**
 * Where requests to JetStream go. Those of all accounts pass through the system account, those that the server writes to
 * a reply subject too: there is the place to refuse what no row of the table asks.
 */
function mappingsOf(site: string, word: string | undefined): readonly (readonly [string, string])[] {
  const refused = [...NEVER_ASKED, ...(word === undefined ? purgesOfNobody(site) : CHANGES)]
  const open = word === undefined ? [] : [[`${apiPrefixOf(word)}.>`, `${apiPrefixOf('>')}`] as const]
  return [...refused.map(subject => [subject, 'refused'] as const), ...open]
}

function purgesOfNobody(site: string): readonly string[] {
  const rows = processKinds.map(kind => brokerRights[kind](site).streams)
  const isPurged = (stream: string): boolean =>
    rows.some(streams => streams[stream as keyof typeof streams]?.includes('purge'))
  const streams = [...streamNames, ...bucketTable('site').map(({ name }) => `KV_${name}`)]
  return streams.filter(stream => !isPurged(stream)).flatMap(stream => streamRightSubjects('purge', stream))
}

const userText = (
  { kind, publicKey, permissions }: BrokerUser,
  site: string,
  changeWord: string | undefined
): string =>
  `      # ${kind}
      { nkey: ${keyOf(publicKey)}, permissions {
${permissionText(permissions ?? permissionsOf(kind, site, changeWord))}
      } }`

const permissionText = ({ publish, subscribe }: Permissions): string =>
  `        publish { allow: ${listText(publish)} }
        subscribe { allow: ${listText(subscribe)} }`

const listText = (subjects: readonly string[]): string =>
  `[\n${subjects.map(subject => `          ${JSON.stringify(subject)}`).join('\n')}\n        ]`

function keyOf(publicKey: string): string {
  if (PUBLIC_KEY.test(publicKey)) return publicKey
  throw new TypeError('a public key of an nkey user is expected: U and 55 letters and digits')
}

const tlsText = ({ certFile, keyFile }: NonNullable<NatsConfOptions['tls']>): string =>
  `tls {
  cert_file: ${JSON.stringify(certFile)}
  key_file: ${JSON.stringify(keyFile)}
  handshake_first: true
}
`
