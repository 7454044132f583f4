import { fileURLToPath } from 'node:url'
import t from 'tap'
import { Type } from 'typebox'
import { Value } from 'typebox/value'
import { type SalConfig, salAccessOf, salSettings } from './index.ts'

const accessOf = (settings: Partial<SalConfig>) =>
  salAccessOf({ ...(Value.Default(Type.Object(salSettings), {}) as SalConfig), ...settings }, 'test')

t.test('without settings Kafka is reached as inside a site: no user, no TLS', async t => {
  t.same(accessOf({}), {
    subname: 'sal',
    kafka: { brokers: 'broker:29092', clientId: 'test' },
    registry: { url: 'http://schema-registry:8081' }
  })
})

t.test('a user means SASL, and the protocol says whether TLS', async t => {
  const who = { LSST_KAFKA_SECURITY_USERNAME: 'me', LSST_KAFKA_SECURITY_PASSWORD: 'p' }
  const sasl = { mechanism: 'SCRAM-SHA-512', user: 'me', password: 'p' }
  t.same(accessOf(who).kafka.sasl, sasl)
  t.same(accessOf({ ...who, LSST_KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }).kafka, {
    ...{ brokers: 'broker:29092', clientId: 'test', sasl },
    tls: {}
  })
})

t.test('settings that contradict each other are refused by their names', async t => {
  const refused = (settings: Partial<SalConfig>, message: RegExp): void =>
    void t.throws(() => accessOf(settings), { code: 'CFG_INVALID', message })
  refused({ LSST_KAFKA_SECURITY_USERNAME: 'me' }, /LSST_KAFKA_SECURITY_PASSWORD/)
  refused({ LSST_KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT' }, /SASL needs both/)
  refused(
    { LSST_KAFKA_SECURITY_USERNAME: 'me', LSST_KAFKA_SECURITY_PROTOCOL: 'SSL' },
    /LSST_KAFKA_SECURITY_PROTOCOL: SSL has no user/
  )
  refused({ LSST_KAFKA_CA_FILE: '/ca.crt' }, /LSST_KAFKA_CA_FILE/)
  refused({ LSST_KAFKA_SECURITY_PROTOCOL: 'SSL', LSST_KAFKA_CA_FILE: '/nowhere/ca.crt' }, /cannot be read/)
  refused(
    { LSST_KAFKA_SECURITY_PROTOCOL: 'SSL', LSST_KAFKA_CA_FILE: fileURLToPath(import.meta.url) },
    /is no certificate/
  )
  refused({ LSST_SCHEMA_REGISTRY_PASSWORD: 'p' }, /LSST_SCHEMA_REGISTRY_USERNAME/)
  refused({ LSST_KAFKA_SECURITY_PASSWORD: 'p' }, /there is no LSST_KAFKA_SECURITY_USERNAME/)
})

t.test('a user in the address of the registry is refused, and not shown', async t => {
  const url = { LSST_SCHEMA_REGISTRY_URL: 'https://me:horse@registry.example/v7' }
  const error = await Promise.resolve(url)
    .then(accessOf)
    .catch(error => error)
  t.match(error, {
    code: 'CFG_INVALID',
    message: /URL: .* LSST_SCHEMA_REGISTRY_USERNAME and LSST_SCHEMA_REGISTRY_PASSWORD/
  })
  t.notMatch(JSON.stringify([error.message, error.facts]), /horse/)
})
