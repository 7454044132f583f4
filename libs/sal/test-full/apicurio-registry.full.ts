// What registry.test.ts asks of the small registry of the tests, asked of one that is not our own.
import { loadCatalogue } from '@meridian/catalogue'
import { startApicurio, whyNoApicurio } from '@meridian/testing'
import t from 'tap'
import { createRegistry, parseAvroSchema, registrySubjectOf, schemaTextOf } from '../src/index.ts'

t.setTimeout(120_000)
const skip = whyNoApicurio() ?? false
const apicurio = skip === false ? await startApicurio() : undefined
t.teardown(() => apicurio?.stop())
const url = apicurio?.url ?? ''

const SUBJECT = 'lsst.sal.MTMount.azimuth-value'
const textOf = (topic: string): string => {
  const found = loadCatalogue().component('MTMount')?.telemetry.get(topic)
  if (found === undefined) throw new Error(`MTMount has no ${topic}`)
  return schemaTextOf(found, { indexed: false })
}

t.test('a schema is registered, and found by its number and by its subject', { skip }, async t => {
  const registry = createRegistry({ url })
  const text = textOf('azimuth')
  const id = await registry.register(SUBJECT, text)
  t.equal(await registry.register(SUBJECT, text), id, 'the same text again has the same number')
  t.equal(await registry.register('lsst.test.MTMount.azimuth-value', text), id, 'under every subject')
  t.not(await registry.register('lsst.sal.MTMount.elevation-value', textOf('elevation')), id)
  const schema = parseAvroSchema(text)
  t.same(await registry.schemaOf(id), schema)
  t.same(await registry.latestOf(SUBJECT), { id, schema, text }, 'to the letter')
})

t.test('of a subject the newest schema is given, and the older one by its number', { skip }, async t => {
  const registry = createRegistry({ url })
  const text = textOf('azimuth')
  const older = await registry.register(SUBJECT, text)
  const { fields, ...record } = JSON.parse(text) as { fields: object[] }
  const more = { ...record, fields: [...fields, { name: 'gusts', type: 'double', default: 0 }] }
  const newer = await registry.register(SUBJECT, JSON.stringify(more))
  t.equal((await registry.latestOf(SUBJECT)).id, newer)
  t.same(await registry.schemaOf(older), parseAvroSchema(text))
})

t.test('what it does not know is SAL_NO_SCHEMA', { skip }, async t => {
  const registry = createRegistry({ url })
  await t.rejects(registry.schemaOf(4_242), { code: 'SAL_NO_SCHEMA', message: /4242/ })
  await t.rejects(registry.latestOf('lsst.sal.None.azimuth-value'), { code: 'SAL_NO_SCHEMA' })
})

t.test('the path belongs to the address: without it no schema is missed', { skip }, async t => {
  const id = await createRegistry({ url: `${url}/` }).register(SUBJECT, textOf('azimuth'))
  t.ok(await createRegistry({ url: `${url}/` }).schemaOf(id))
  const { origin } = new URL(url)
  await t.rejects(createRegistry({ url: origin }).schemaOf(id), {
    code: 'SAL_REGISTRY',
    message: /answers 404/
  })
})

t.test('the schemas of a large component are taken, and come back as they were', { skip }, async t => {
  const registry = createRegistry({ url })
  const topics = [...(loadCatalogue().component('MTM1M3')?.telemetry.values() ?? [])]
  t.ok(topics.length > 0)
  const changed: string[] = []
  for (const topic of topics) {
    const text = schemaTextOf(topic, { indexed: false })
    const subject = registrySubjectOf({ subname: 'sal', csc: 'MTM1M3', kind: topic.kind, name: topic.name })
    const id = await registry.register(subject, text)
    await registry.schemaOf(id)
    if ((await registry.latestOf(subject)).text !== text) changed.push(subject)
  }
  t.same(changed, [])
})

t.test('what is no schema is refused, and says so', { skip }, async t => {
  const refused = createRegistry({ url }).register(SUBJECT, '{')
  await t.rejects(refused, { code: 'SAL_REGISTRY', message: /answers 422/ })
})
