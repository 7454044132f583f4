// A Kafka and a registry as a real site has them: a user, TLS with a CA of its own, a path before the registry's.
import { createObservatory } from '@meridian/sal/testing'
import { parseConfig } from '@meridian/service'
import { startKafka, waitFor, whyNoKafka } from '@meridian/testing'
import t from 'tap'
import { spec } from '../src/config.ts'
import { fieldsOf, produce, type Setup, serviceOf, setUp, stored } from '../test/producing.ts'

t.setTimeout(300_000)
const skip = whyNoKafka() ?? false
const azimuth = { csc: 'MTMount', kind: 'telemetry', topic: 'azimuth' } as const
const REGISTRY = { prefix: '/apis/ccompat/v7', user: 'reader', password: 'plum-orchard' }

const saysNothingOf = (setup: Setup, secrets: readonly string[]): boolean => {
  const text = JSON.stringify(setup.log.records)
  return secrets.every(secret => !text.includes(secret))
}

for (const tls of [false, true])
  t.test(`a user of Kafka, ${tls ? 'with' : 'without'} TLS, and one of the registry`, { skip }, async t => {
    const kafka = await startKafka({ sasl: true, tls })
    t.teardown(() => kafka.stop())
    const observatory = await createObservatory(kafka, REGISTRY)
    t.teardown(() => observatory.stop())
    await observatory.make(azimuth)
    const setup = await setUp(t)
    const settings = { ...observatory.settings, SOURCE: 'sal-kafka', PRODUCE: 'MTMount:0' }
    await produce(t, setup, settings)
    await observatory.say({ ...azimuth, fields: { actualPosition: 7 } })
    const [sample] = await stored(setup.broker, 'TEL', 'tel.summit.MTMount.0.azimuth')
    t.match(fieldsOf(sample), { actualPosition: 7 })
    t.ok(saysNothingOf(setup, [kafka.password, REGISTRY.password]), 'no secret in the log')

    const wrong = {
      ...settings,
      PROCESS_INDEX: '2',
      LSST_KAFKA_SECURITY_PASSWORD: 'wrong-horse',
      NATS_URL: setup.nats.url
    }
    const refused = serviceOf(parseConfig(spec, wrong), setup.log)
    t.teardown(() => refused.stop().catch(() => undefined))
    void refused.start().catch(() => undefined)
    const told = await waitFor(() => setup.log.records.find(({ code }) => code === 'SAL_KAFKA'), {
      what: 'the wrong password is told',
      timeoutMs: 60_000
    })
    t.match(told.msg, /^SAL_KAFKA: .*(SASL|uthentication)/)
    t.ok(saysNothingOf(setup, ['wrong-horse']), 'nor this one')
  })
