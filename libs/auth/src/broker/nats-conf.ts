import type { ProcessKind } from '@meridian/subjects'
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
  /** Public key of the one user of the system account, for `nats server report`; default: nobody. */
  readonly systemKey?: string
  /** Files of the certificate that the broker shows; TLS begins with the first byte. Default: no TLS. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string }
}

const PUBLIC_KEY = /^U[A-Z2-7]{55}$/

/**
 * The part of nats.conf that says who may do what: one account with JetStream for the site, its users with the
 * rights of the table, a system account, and TLS where asked for. To be put behind ports, store and limits, or
 * named there with `include`. Holds public keys only. Throws a TypeError for a key that is none of a user, and
 * WIR_BAD_SUBJECT for a site that cannot be a token.
 */
export function natsConfOf({ site, users, systemKey, tls }: NatsConfOptions): string {
  const system = systemKey === undefined ? '' : `\n    { nkey: ${keyOf(systemKey)} }\n  `
  return `# Generated from the table of rights in libs/auth; changes are lost.
accounts {
  ${JSON.stringify(site)} {
    jetstream: enabled
    users: [
${users.map(user => userText(user, site)).join('\n')}
    ]
  }
  SYS { users: [${system}] }
}
system_account: SYS
${tls === undefined ? '' : tlsText(tls)}`
}

const userText = ({ kind, publicKey, permissions }: BrokerUser, site: string): string =>
  `      # ${kind}
      { nkey: ${keyOf(publicKey)}, permissions {
${permissionText(permissions ?? permissionsOf(kind, site))}
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
