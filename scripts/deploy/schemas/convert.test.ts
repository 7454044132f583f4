import t from 'tap'
import { createStrictSchema, schemaFileOf, schemasOfApi, schemasOfCustomResource } from './convert.ts'

t.test('an object takes no field that it does not list, unless it is open', async t => {
  t.match(createStrictSchema({ properties: { a: { properties: { b: {} } } } }), {
    additionalProperties: false,
    properties: { a: { additionalProperties: false } }
  })
  const open = { properties: {}, 'x-kubernetes-preserve-unknown-fields': true }
  t.same(createStrictSchema(open), open)
  const map = { properties: {}, additionalProperties: { type: 'string' } }
  t.same(createStrictSchema(map), map)
})

t.test('a field that is called properties is a field like any other', async t => {
  t.same(createStrictSchema({ properties: { properties: { type: 'object' } } }), {
    properties: { properties: { type: 'object' } },
    additionalProperties: false
  })
})

t.test('what may be a number or text takes both', async t => {
  const either = { anyOf: [{ type: 'integer' }, { type: 'string' }] }
  t.same(createStrictSchema({ type: 'string', format: 'int-or-string' }), either)
  t.same(createStrictSchema({ 'x-kubernetes-int-or-string': true }), either)
})

t.test('schemas have the names under which kubeconform looks for them', async t => {
  t.equal(schemaFileOf({ group: '', version: 'v1', kind: 'Service' }), 'service-v1.json')
  t.equal(schemaFileOf({ group: 'apps', version: 'v1', kind: 'Deployment' }), 'deployment-apps-v1.json')
  t.equal(
    schemaFileOf({ group: 'networking.k8s.io', version: 'v1', kind: 'Ingress' }),
    'ingress-networking-v1.json'
  )
})

t.test(
  'kinds of the API lead to their definitions, and resources bring one schema for each version',
  async t => {
    const kind = { group: 'apps', version: 'v1', kind: 'Deployment' }
    const files = schemasOfApi({
      'apps.Deployment': { 'x-kubernetes-group-version-kind': [kind], properties: {} }
    })
    t.same(files.get('deployment-apps-v1.json'), { $ref: '_definitions.json#/definitions/apps.Deployment' })
    t.match(files.get('_definitions.json'), {
      definitions: { 'apps.Deployment': { additionalProperties: false } }
    })
    const custom = {
      kind: 'CustomResourceDefinition',
      spec: {
        group: 'keda.sh',
        names: { kind: 'ScaledObject' },
        versions: [{ name: 'v1alpha1' }, { name: 'v2' }]
      }
    }
    t.same(
      [...schemasOfCustomResource(custom).keys()],
      ['scaledobject-keda-v1alpha1.json', 'scaledobject-keda-v2.json']
    )
    t.equal(schemasOfCustomResource({ kind: 'Service' }).size, 0)
  }
)
