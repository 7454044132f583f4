import type { BaseOptions } from '@platformatic/kafka'

/** Where Kafka is, and as whom it is reached. */
export interface KafkaAccess {
  /** `host:port` of brokers to begin with, separated by commas. */
  readonly brokers: string
  /** How this process is named at the brokers. */
  readonly clientId: string
  readonly sasl?: {
    readonly mechanism: 'SCRAM-SHA-512' | 'SCRAM-SHA-256' | 'PLAIN'
    readonly user: string
    readonly password: string
  }
  /** TLS, with the text of the CA where it is none that everybody trusts. */
  readonly tls?: { readonly ca?: string }
}

const TIMEOUT_MS = 10_000

/** Options of every client. It tries nothing again by itself: who uses it decides, and tells. */
export const clientOptions = ({ brokers, clientId, sasl, tls }: KafkaAccess): BaseOptions => ({
  clientId,
  bootstrapBrokers: brokers.split(',').map(text => text.trim()),
  connectTimeout: TIMEOUT_MS,
  requestTimeout: TIMEOUT_MS,
  timeout: TIMEOUT_MS,
  retries: 0,
  autocreateTopics: false,
  ...(sasl !== undefined && {
    sasl: { mechanism: sasl.mechanism, username: sasl.user, password: sasl.password }
  }),
  ...(tls !== undefined && { tls: tls.ca === undefined ? {} : { ca: tls.ca } })
})
