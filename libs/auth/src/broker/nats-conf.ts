import {
  apiPrefixOf,
  askedOfDevices,
  bucketTable,
  CHANGES,
  DEVICE_ACCOUNT,
  deviceStreamApi,
  isChangeWord,
  mirrorNameOf,
  NEVER_ASKED,
  streamRightSubjects
} from '@meridian/broker'
import { type ProcessKind, processKinds, streamNames } from '@meridian/subjects'
import { brokerRights } from './broker-rights.ts'
import { type BrokerDevices, deviceAccountText, deviceImportsText } from './device-account.ts'
import { leafPermissions } from './leaf-rights.ts'
import { permissionText } from './permission-text.ts'
import { type Permissions, permissionsOf } from './permissions.ts'

/** A user of the broker: what kind of process it is, and the public half of its nkey. */
export interface BrokerUser {
  readonly kind: ProcessKind
  /** `U…`: never a seed, which begins with `SU`. */
  readonly publicKey: string
  /** Default: those that its kind has at the site. */
  readonly permissions?: Permissions
}

/** The broker of another site, which dials this one and whose streams are mirrored here. */
export interface BrokerLeaf {
  readonly site: string
  readonly publicKey: string
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
  /**
   * Instead of `changeWord`: a file with the lines that map `$JS.API.<word>.>` to `$JS.API.>`, one for each word that holds,
   * by its path from the folder of nats.conf (the server joins the two). So nats.conf has nothing secret.
   */
  readonly changeWordFile?: string
  /** The site of the broker, where it has mirrors of the streams of `site`, and its users only read; default: `site`. */
  readonly brokerSite?: string
  /** Devices that speak MQTT, which have an account of their own; default: none. */
  readonly devices?: BrokerDevices
  /** Brokers that may dial this one; default: none. */
  readonly leafs?: readonly BrokerLeaf[]
  /** Public key of the one user of the system account, for `nats server report`; default: nobody. */
  readonly systemKey?: string
  /** Files of the certificate that the broker shows; TLS begins with the first byte. Default: no TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

/** Stands for the word in rights: only a true one is mapped to what JetStream answers. */
const ANY_WORD = '*'

const SYSTEM_ACCOUNT = 'SYS'
const PUBLIC_KEY = /^U[A-Z2-7]{55}$/

/**
 * The part of nats.conf that says who may do what: one account with JetStream for the site, its users with the
 * rights of the table, one for its devices where there are some, a system account in which what nobody may ask of JetStream leads nowhere, and TLS where asked for. To be put behind ports, store and limits, or
 * named there with `include`. Holds public keys, and the admin's word where
 * there is one: then the admin and nats-server alone may read it. Throws a TypeError for a key that is none of a user, for a word
 * that is none and for a site that has the name of another account, and WIR_BAD_SUBJECT for a site that cannot be a token.
 */
export function natsConfOf(options: NatsConfOptions): string {
  const { site, users, changeWord, changeWordFile, systemKey, tls, brokerSite = site, devices } = options
  if (changeWord !== undefined && !isChangeWord(changeWord))
    throw new TypeError('the word of the admin: 32 to 128 letters, digits, _ and - are expected')
  if ([SYSTEM_ACCOUNT, DEVICE_ACCOUNT].includes(brokerSite))
    throw new TypeError(`${brokerSite} is another account of the broker: a site cannot be called so`)
  const system = systemKey === undefined ? '' : `\n    { nkey: ${keyOf(systemKey)} }\n  `
  return `# Generated from the table of rights in libs/auth; changes are lost.
accounts {
  ${JSON.stringify(brokerSite)} {
    jetstream: enabled${devices === undefined ? '' : deviceImportsText(site)}
    users: [
${[
  ...users.map(user => userText(user, { ...options, brokerSite })),
  ...(options.leafs ?? []).map(leafText)
].join('\n')}
    ]
  }${devices === undefined ? '' : deviceAccountText(site, brokerSite, devices)}
  ${SYSTEM_ACCOUNT} {
    users: [${system}]
    # What the table gives to nobody is done for nobody: what the server itself writes to a reply subject has no user.
    mappings {
${mappingsOf(options)
  .map(([from, to]) => `      ${JSON.stringify(from)}: ${JSON.stringify(to)}`)
  .join('\n')}${changeWordFile === undefined ? '' : `\n      include ${JSON.stringify(changeWordFile)}`}
    }
  }
}
system_account: ${SYSTEM_ACCOUNT}
${tls === undefined ? '' : natsTlsOf(tls)}`
}

/**
 * Where requests to JetStream go. Those of all accounts pass through the system account, those that the server writes to
 * a reply subject too: there is the place to refuse what no row of the table asks.
 */
function mappingsOf(options: NatsConfOptions): readonly (readonly [string, string])[] {
  const { site, changeWord: word, changeWordFile, devices } = options
  const hasWord = word !== undefined || changeWordFile !== undefined
  const refused = [...NEVER_ASKED, ...(hasWord ? CHANGES : purgesOfNobody(site))]
  const open = word === undefined ? [] : [[`${apiPrefixOf(word)}.>`, `${apiPrefixOf('>')}`] as const]
  const streams = namesOf(options)
  const named = devices === undefined ? refused : refused.flatMap(pattern => ofNamed(pattern, streams))
  return [...named.map(subject => [subject, 'refused'] as const), ...open]
}

/** All streams that the broker of a site keeps. */
const namesOf = ({
  site,
  brokerSite = site
}: Pick<NatsConfOptions, 'site' | 'brokerSite'>): readonly string[] => [
  ...streamNames.map(name => (brokerSite === site ? name : mirrorNameOf(name, site))),
  ...bucketTable('site').map(({ name }) => `KV_${name}`)
]

function purgesOfNobody(site: string): readonly string[] {
  const rows = processKinds.map(kind => brokerRights[kind](site).streams)
  const isPurged = (stream: string): boolean =>
    rows.some(streams => streams[stream as keyof typeof streams]?.includes('purge'))
  return namesOf({ site })
    .filter(stream => !isPurged(stream))
    .flatMap(stream => streamRightSubjects('purge', stream))
}

/**
 * Of several mappings that fit, the server takes any, so what it makes for sessions of devices, by the same requests as
 * everybody (`$MQTT_sess` and others), is let through by naming the streams of the site instead of `*`
 * [nats-server/server/accounts.go, selectMappedSubject].
 */
const ofNamed = (pattern: string, streams: readonly string[]): readonly string[] =>
  streams.map(stream => pattern.replace('*', () => stream))

function userText(
  { kind, publicKey, permissions }: BrokerUser,
  { site, changeWord, changeWordFile, brokerSite, devices }: NatsConfOptions
): string {
  const word = changeWordFile === undefined ? changeWord : ANY_WORD
  const { publish, subscribe } = permissions ?? permissionsOf(kind, site, word, brokerSite)
  const ofDevices = kind === 'admin' && devices !== undefined ? deviceStreamApi.map(askedOfDevices) : []
  return `      # ${kind}
      { nkey: ${keyOf(publicKey)}, permissions {
${permissionText({ publish: [...publish, ...ofDevices], subscribe })}
      } }`
}

const leafText = ({ site, publicKey }: BrokerLeaf): string =>
  `      # the broker of ${site}
      { nkey: ${keyOf(publicKey)}, allowed_connection_types: ["LEAFNODE"], permissions {
${permissionText(leafPermissions(site))}
      } }`

function keyOf(publicKey: string): string {
  if (PUBLIC_KEY.test(publicKey)) return publicKey
  throw new TypeError('a public key of an nkey user is expected: U and 55 letters and digits')
}

/** The part of nats.conf by which the broker shows its certificate to clients. */
export const natsTlsOf = ({ certFile, keyFile }: NonNullable<NatsConfOptions['tls']>): string =>
  `tls {
  cert_file: ${JSON.stringify(certFile)}
  key_file: ${JSON.stringify(keyFile)}
  handshake_first: true
}
`
