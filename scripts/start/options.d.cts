/** The values of the command line of `npm start`. */
export interface StartValues {
  readonly profile: string
  readonly site?: string
  readonly role: string
  /** Whether everybody logs in with a password. */
  readonly users: boolean
  /** Whether everybody logs in through an OpenID provider. */
  readonly oidc: boolean
  readonly gateways: number
  readonly port: number
  readonly host: readonly string[]
  readonly data: string
  /** Bytes. */
  readonly disk?: number
  readonly nats?: string
  /** Whether the broker has an MQTT listener. */
  readonly mqtt: boolean
  /** Whether components speak SAL on Kafka. */
  readonly 'sal-kafka': boolean
  /** Whether the broker knows its processes by keys, and speaks TLS. */
  readonly secure: boolean
}

/** See options.cjs. */
export const SITES: readonly string[]
export function parseStart(
  argv: readonly string[],
  env?: Readonly<Record<string, string | undefined>>
): StartValues | { readonly help: string }
