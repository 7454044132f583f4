import t from 'tap'
import { revCodeOf, schemaText } from './rev-code.ts'
import type { TopicSource } from './sources.ts'

const privateFields = [
  { name: 'salIndex', type: 'int', default: 0, description: 'index', units: 'unitless' },
  { name: 'private_sndStamp', type: 'double', default: 0, description: 'sent', units: 'second' }
]

const field = { count: 1, units: 'm', description: 'é "x"\n' }
const topic: TopicSource = {
  kind: 'event',
  name: 'moved',
  description: 'd',
  fields: [
    { ...field, name: 'by', type: 'float', count: 2 },
    { ...field, name: 'why', type: 'string' }
  ],
  place: { file: '', element: '' }
}

t.test(
  'the schema text has private fields first, indent 4, doubles with a point, non-ASCII escaped',
  async t => {
    const lines = [
      '{',
      '    "type": "record",',
      '    "name": "logevent_moved",',
      '    "namespace": "lsst.sal.Robot",',
      '    "fields": [',
      '        {',
      '            "name": "private_sndStamp",',
      '            "type": "double",',
      '            "default": 0.0,',
      '            "description": "sent",',
      '            "units": "second"',
      '        },',
      '        {',
      '            "name": "by",',
      '            "type": {',
      '                "type": "array",',
      '                "items": "float"',
      '            },',
      '            "default": [',
      '                0.0,',
      '                0.0',
      '            ],',
      '            "description": "\\u00e9 \\"x\\"\\n",',
      '            "units": "m"',
      '        },',
      '        {',
      '            "name": "why",',
      '            "type": "string",',
      '            "default": "",',
      '            "description": "\\u00e9 \\"x\\"\\n",',
      '            "units": "m"',
      '        }',
      '    ],',
      '    "description": "d"',
      '}'
    ]
    t.equal(schemaText('Robot', false, topic, privateFields), lines.join('\n'))
  }
)

t.test('the revision code depends on the component, its index, and every description', async t => {
  const code = revCodeOf('Robot', false, topic, privateFields)
  t.match(code, /^[0-9a-f]{8}$/)
  const others = [
    revCodeOf('Rabbit', false, topic, privateFields),
    revCodeOf('Robot', true, topic, privateFields),
    revCodeOf('Robot', false, { ...topic, description: 'e' }, privateFields)
  ]
  t.equal(new Set([code, ...others]).size, 4)
})

t.test('a camera schema has its private fields last and null before the type', async t => {
  const camera: TopicSource = {
    ...topic,
    kind: 'telemetry',
    avsc: true,
    fields: [{ ...field, name: 'volts', type: 'double', nullable: true }]
  }
  const schema = JSON.parse(schemaText('Robot', true, camera, privateFields))
  t.same(
    schema.fields.map((one: { name: string }) => one.name),
    ['volts', 'salIndex', 'private_sndStamp']
  )
  t.same(schema.fields[0].type, ['null', 'double'])
})
