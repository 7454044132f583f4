import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { AppError } from '@meridian/errors'
import { type Static, type TObject, Type } from 'typebox'
import type { KafkaAccess } from './log/kafka-access.ts'
import type { RegistryAccess } from './registry/request.ts'

/**
 * Settings of a service that speaks SAL on Kafka, under the names that SAL's own programs read; spread into its
 * schema.
 */
export const salSettings = {
  LSST_TOPIC_SUBNAME: Type.String({
    default: 'sal',
    pattern: '^[A-Za-z0-9_-]+$',
    description: "second part of SAL's topics on Kafka: keeps installations on one broker apart"
  }),
  LSST_KAFKA_BROKER_ADDR: Type.String({
    default: 'broker:29092',
    pattern: '^[^\\s,:]+:\\d+(,\\s*[^\\s,:]+:\\d+)*$',
    description: 'host:port of brokers of Kafka to begin with, separated by commas'
  }),
  LSST_SCHEMA_REGISTRY_URL: Type.String({
    default: 'http://schema-registry:8081',
    pattern: '^https?://\\S+$',
    description: 'registry of schemas, with the path before its own where it has one'
  }),
  LSST_SCHEMA_REGISTRY_USERNAME: Type.String({
    default: '',
    description: 'user of the registry (HTTP basic); default: none'
  }),
  LSST_SCHEMA_REGISTRY_PASSWORD: Type.String({ default: '', description: 'his password; never logged' }),
  LSST_KAFKA_SECURITY_USERNAME: Type.String({
    default: '',
    description: 'user of Kafka (SASL); default: none, and no SASL'
  }),
  LSST_KAFKA_SECURITY_PASSWORD: Type.String({ default: '', description: 'his password; never logged' }),
  LSST_KAFKA_SECURITY_PROTOCOL: Type.Enum(['', 'PLAINTEXT', 'SASL_PLAINTEXT', 'SSL', 'SASL_SSL'], {
    default: '',
    description: 'SASL_ where there is a user, SSL where the brokers speak TLS; default: without TLS'
  }),
  LSST_KAFKA_SECURITY_MECHANISM: Type.Enum(['SCRAM-SHA-512', 'SCRAM-SHA-256', 'PLAIN'], {
    default: 'SCRAM-SHA-512',
    description: 'mechanism of SASL'
  }),
  LSST_KAFKA_CA_FILE: Type.String({
    default: '',
    description: "file with the CA of the brokers' certificates; default: those that the machine trusts"
  })
} as const

/**
 * The settings as a service has read them, defaults filled in; `salAccessOf` checks those that belong
 * together.
 */
export type SalConfig = Static<TObject<typeof salSettings>>

/** What SAL on Kafka is reached by: brokers, registry, and the second part of its topics. */
export interface SalAccess {
  readonly subname: string
  readonly kafka: KafkaAccess
  readonly registry: RegistryAccess
}

const bad = (detail: string): AppError => new AppError('CFG_INVALID', { detail })

/** How Kafka and the registry are reached. Throws CFG_INVALID that names the setting. */
export function salAccessOf(config: SalConfig, clientId: string): SalAccess {
  return {
    subname: config.LSST_TOPIC_SUBNAME,
    kafka: { brokers: config.LSST_KAFKA_BROKER_ADDR, clientId, ...saslOf(config), ...tlsOf(config) },
    registry: registryOf(config)
  }
}

function registryOf(config: SalConfig): RegistryAccess {
  const url = config.LSST_SCHEMA_REGISTRY_URL
  const user = config.LSST_SCHEMA_REGISTRY_USERNAME
  const password = config.LSST_SCHEMA_REGISTRY_PASSWORD
  if (url.includes('@'))
    throw bad(
      'LSST_SCHEMA_REGISTRY_URL: a user goes into LSST_SCHEMA_REGISTRY_USERNAME and LSST_SCHEMA_REGISTRY_PASSWORD'
    )
  if (user === '' && password !== '')
    throw bad('LSST_SCHEMA_REGISTRY_PASSWORD: there is no LSST_SCHEMA_REGISTRY_USERNAME')
  return { url, ...(user !== '' && { user, password }) }
}

function saslOf(config: SalConfig): Pick<KafkaAccess, 'sasl'> {
  const user = config.LSST_KAFKA_SECURITY_USERNAME
  const password = config.LSST_KAFKA_SECURITY_PASSWORD
  const protocol = config.LSST_KAFKA_SECURITY_PROTOCOL
  const isSasl = protocol === '' ? user !== '' : protocol.startsWith('SASL')
  if (!isSasl && user !== '')
    throw bad(
      `LSST_KAFKA_SECURITY_PROTOCOL: ${protocol} has no user, but LSST_KAFKA_SECURITY_USERNAME is set`
    )
  if (!isSasl && password !== '')
    throw bad('LSST_KAFKA_SECURITY_PASSWORD: there is no LSST_KAFKA_SECURITY_USERNAME')
  if (!isSasl) return {}
  if (user === '' || password === '')
    throw bad('LSST_KAFKA_SECURITY_USERNAME and LSST_KAFKA_SECURITY_PASSWORD: SASL needs both')
  return { sasl: { mechanism: config.LSST_KAFKA_SECURITY_MECHANISM, user, password } }
}

function tlsOf(config: SalConfig): Pick<KafkaAccess, 'tls'> {
  const file = config.LSST_KAFKA_CA_FILE
  const isTls = config.LSST_KAFKA_SECURITY_PROTOCOL.endsWith('SSL')
  if (!isTls && file !== '') throw bad('LSST_KAFKA_CA_FILE: has a meaning with SSL or SASL_SSL only')
  if (!isTls) return {}
  return { tls: file === '' ? {} : { ca: readCa(file) } }
}

function readCa(file: string): string {
  const refuse = (cause: unknown, why: string): never => {
    throw new AppError('CFG_INVALID', { cause, detail: `LSST_KAFKA_CA_FILE: '${file}' ${why}` })
  }
  let text = ''
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    refuse(cause, 'cannot be read')
  }
  try {
    new X509Certificate(text)
  } catch (cause) {
    refuse(cause, 'is no certificate (PEM)')
  }
  return text
}
