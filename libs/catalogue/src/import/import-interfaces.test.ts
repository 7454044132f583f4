import { fileURLToPath } from 'node:url'
import t from 'tap'
import { catalogueOf } from '../index.ts'
import { describeProblem, differencesOf, importFacts, importInterfaces, type Problem } from './index.ts'

const shared = fileURLToPath(new URL('../../../../../shared/data', import.meta.url))
const _interfaces = process.env['MERIDIAN_SAL_DIR'] ?? shared

type Tree = { [name: string]: string | Tree }

const item = (name: string, rest: Record<string, string> = {}): string => {
  const children = {
    EFDB_Name: name,
    Description: 'text',
    IDL_Type: 'double',
    Units: 'deg',
    Count: '1',
    ...rest
  }
  const lines = Object.entries(children).filter(([, text]) => text !== '-')
  return `<item>${lines.map(([tag, text]) => `<${tag}>${text}</${tag}>`).join('\n')}</item>\n`
}

const telemetry = (topics: Record<string, string>, extra = ''): string =>
  `<SALTelemetrySet>\n${extra}${Object.entries(topics)
    .map(([name, items]) => `<SALTelemetry>\n<EFDB_Topic>${name}</EFDB_Topic>\n${items}</SALTelemetry>\n`)
    .join('')}</SALTelemetrySet>`

const subsystem = (name: string, generics = 'csc', index = 'no'): string =>
  `<SALSubsystem><Name>${name}</Name><Description>d</Description><IndexEnumeration>${index}</IndexEnumeration>
   <AddedGenerics>${generics}</AddedGenerics></SALSubsystem>\n`

const generics = `<SALObjects><SALCommandSet/><SALEventSet>
  <SALEvent><EFDB_Topic>SALGeneric_logevent_heartbeat</EFDB_Topic><Category>mandatory</Category>${item('heartbeat')}</SALEvent>
  <SALEvent><EFDB_Topic>SALGeneric_logevent_summaryState</EFDB_Topic><Category>csc</Category>${item('summaryState')}</SALEvent>
  </SALEventSet></SALObjects>`

const privateFields = JSON.stringify([
  { name: 'salIndex', type: 'int', default: 0, description: 'index', units: 'unitless' },
  { name: 'private_sndStamp', type: 'double', default: 0, description: 'time', units: 'second' }
])

/**
 * A small interface directory: one component with one telemetry topic; `files` replaces or adds files of
 * `sal_interfaces`.
 */
function tree(files: Tree = {}, subsystems = subsystem('Robot')): Tree {
  return {
    'private_fields.json': privateFields,
    sal_interfaces: {
      'SALSubsystems.xml': `<SALSubsystemSet>\n${subsystems}</SALSubsystemSet>`,
      'SALGenerics.xml': generics,
      Robot: { 'Robot_Telemetry.xml': telemetry({ Robot_arm: item('angle') }) },
      ...files
    }
  }
}

/** Rules of the shipped overrides do not concern a small directory. */
const faultsIn = (directory: string): readonly Problem[] =>
  importInterfaces(directory).problems.filter(problem => problem.code !== 'CAT_BAD_RULE')

const robot = (text: string): Tree => ({ Robot: { 'Robot_Telemetry.xml': text } })

t.test('a directory without faults gives the topics, generics included', async t => {
  const { facts } = importInterfaces(t.testdir(tree()), { version: '1' })
  const arm = catalogueOf(facts).component('Robot')
  t.same([...(arm?.events.keys() ?? [])], ['heartbeat', 'summaryState'])
  t.match(arm?.telemetry.get('arm')?.fields, [{ name: 'angle', type: 'double', units: 'deg', count: 1 }])
  t.match(arm?.telemetry.get('arm')?.revCode, /^[0-9a-f]{8}$/)
  t.same(arm?.ackcmd.fields.length, 7)
})

t.test('each fault of a topic file is named with its code, file and element', async t => {
  const cases: readonly [string, string, Partial<Problem>][] = [
    ['malformed XML', telemetry({ Robot_arm: '<item>' }), { code: 'CAT_BAD_XML' }],
    ['not UTF-8, not XML', '\u0000\u0001 nothing', { code: 'CAT_BAD_XML' }],
    ['an empty file', '', { code: 'CAT_BAD_XML' }],
    [
      'no units',
      telemetry({ Robot_arm: item('angle', { Units: '-' }) }),
      { code: 'CAT_MISSING_ELEMENT', element: 'Robot_arm.angle', message: 'no Units' }
    ],
    [
      'no name',
      telemetry({ Robot_arm: item('x', { EFDB_Name: '-' }) }),
      { code: 'CAT_MISSING_ELEMENT', element: 'Robot_arm.item' }
    ],
    [
      'an unknown type',
      telemetry({ Robot_arm: item('angle', { IDL_Type: 'quaternion' }) }),
      { code: 'CAT_UNKNOWN_TYPE', element: 'Robot_arm.angle', message: "IDL_Type is 'quaternion'" }
    ],
    ['a count of 0', telemetry({ Robot_arm: item('angle', { Count: '0' }) }), { code: 'CAT_BAD_COUNT' }],
    [
      'a count of some',
      telemetry({ Robot_arm: item('angle', { Count: 'some' }) }),
      { code: 'CAT_BAD_COUNT', message: "Count is 'some'" }
    ],
    [
      'a list of texts',
      telemetry({ Robot_arm: item('angle', { IDL_Type: 'string', Count: '3' }) }),
      { code: 'CAT_BAD_COUNT' }
    ],
    ['a reserved name', telemetry({ Robot_arm: item('salIndex') }), { code: 'CAT_BAD_NAME' }],
    [
      'a topic of another',
      telemetry({ Rabbit_ear: item('angle') }),
      { code: 'CAT_BAD_NAME', element: 'Rabbit_ear' }
    ],
    [
      'a topic twice',
      telemetry({ Robot_arm: item('angle') }).replace(
        '</SALTelemetrySet>',
        `${telemetry({ Robot_arm: item('b') }).slice(17)}`
      ),
      { code: 'CAT_DUPLICATE', element: 'Robot_arm' }
    ],
    [
      'a field twice',
      telemetry({ Robot_arm: item('angle') + item('angle') }),
      { code: 'CAT_DUPLICATE', element: 'Robot_arm' }
    ],
    [
      'half a list of values',
      telemetry({}, '<Enumeration>Mode_A=1, Mode_B</Enumeration>'),
      { code: 'CAT_BAD_ENUMERATION', element: 'Enumeration Mode' }
    ],
    [
      'two classes in a list',
      telemetry({}, '<Enumeration>Mode_A, State_B</Enumeration>'),
      { code: 'CAT_BAD_ENUMERATION' }
    ],
    [
      'a value that is no number',
      telemetry({}, '<Enumeration>Mode_A=high</Enumeration>'),
      { code: 'CAT_BAD_ENUMERATION', message: "'high' of Mode_A is not a whole number" }
    ],
    [
      'an item twice',
      telemetry({}, '<Enumeration>Mode_A, Mode_A</Enumeration>'),
      { code: 'CAT_BAD_ENUMERATION' }
    ]
  ]
  for (const [name, text, expected] of cases) {
    const faults = faultsIn(t.testdir(tree(robot(text))))
    t.match(faults, [{ file: 'sal_interfaces/Robot/Robot_Telemetry.xml', ...expected }], name)
    t.equal(faults.length, 1, `${name}: one fault`)
  }
})

t.test('the line of a fault is that of its element', async t => {
  const text = telemetry({ Robot_leg: item('knee'), Robot_arm: item('angle', { Count: 'x' }) })
  const [fault] = faultsIn(t.testdir(tree(robot(text))))
  const line = text.split('\n').findIndex(row => row.includes('<EFDB_Name>angle')) + 1
  t.equal(fault?.line, line)
  t.equal(
    describeProblem(fault as Problem),
    `CAT_BAD_COUNT sal_interfaces/Robot/Robot_Telemetry.xml:${line} Robot_arm.angle: Count is 'x'`
  )
})

t.test('one run names the faults of all files, and keeps what is good', async t => {
  const directory = t.testdir({
    ...tree(
      {
        ...robot(telemetry({ Robot_arm: item('angle', { Count: '-1' }), Robot_leg: item('knee') })),
        Dog: { 'Dog_Events.xml': '<SALEventSet>' },
        Cat: {}
      },
      subsystem('Robot', 'csc, nonsense') + subsystem('Dog') + subsystem('Bird') + subsystem('Robot')
    ),
    avro_interfaces: { Robot: { 'wheel.avsc': '{"type":"record"}', 'nose.avsc': 'x' } }
  })
  const faults = faultsIn(directory)
  const codes = faults.map(({ code }) => code).sort()
  t.same(codes, [
    'CAT_BAD_AVSC',
    'CAT_BAD_AVSC',
    'CAT_BAD_COUNT',
    'CAT_BAD_XML',
    'CAT_DUPLICATE',
    'CAT_MISSING_ELEMENT',
    'CAT_NO_DIRECTORY',
    'CAT_UNKNOWN_GENERIC'
  ])
  t.match(
    faults.find(({ code }) => code === 'CAT_MISSING_ELEMENT'),
    { element: 'Cat' }
  )
  const { facts } = importInterfaces(directory)
  t.ok(catalogueOf(facts).component('Robot')?.telemetry.has('leg'))
})

t.test('missing files and directories are named', async t => {
  t.match(faultsIn('/nowhere/at/all'), [{ code: 'CAT_NO_DIRECTORY', file: '/nowhere/at/all/sal_interfaces' }])
  const empty = faultsIn(t.testdir({ sal_interfaces: {} }))
  t.same(
    empty.map(({ code, file }) => `${code} ${file}`),
    [
      'CAT_NO_FILE sal_interfaces/SALGenerics.xml',
      'CAT_NO_FILE sal_interfaces/SALSubsystems.xml',
      'CAT_NO_FILE private_fields.json'
    ]
  )
  t.match(faultsIn(t.testdir({ ...tree(), 'private_fields.json': '{}' })), [
    { code: 'CAT_BAD_AVSC', file: 'private_fields.json' }
  ])
})

t.test('an entity that grows when expanded does not end the importer', async t => {
  const bomb = `<!DOCTYPE a [<!ENTITY a "${'x'.repeat(1000)}"><!ENTITY b "${'&a;'.repeat(1000)}"><!ENTITY c "${'&b;'.repeat(1000)}">]>`
  const text = `${bomb}${telemetry({ Robot_arm: item('angle', { Description: '&c;' }) })}`
  t.doesNotThrow(() => importInterfaces(t.testdir(tree(robot(text)))))
})

t.test(
  'a rule that fits nothing is a fault of the rules, and importFacts throws all faults at once',
  async t => {
    const directory = t.testdir(tree())
    const { problems } = importInterfaces(directory)
    t.match(
      problems.find(({ element }) => element === 'MTM1M3.ILCState'),
      { code: 'CAT_BAD_RULE', file: 'overrides.yaml' }
    )
    for (const element of ['ATDome', 'MTDome.louvers', 'MTDome.azimuth.positionActual'])
      t.ok(
        problems.some(problem => problem.file === 'display.yaml' && problem.element === element),
        element
      )
    t.throws(() => importFacts(directory), {
      code: 'CAT_IMPORT',
      message: /overrides\.yaml MTM1M3\.ILCState/
    })
  }
)

t.test('descriptions are kept only when asked for', async t => {
  const directory = t.testdir(tree())
  const plain = catalogueOf(importInterfaces(directory).facts).component('Robot')
  t.equal(plain?.telemetry.get('arm')?.fields[0]?.description, undefined)
  const full = catalogueOf(importInterfaces(directory, { descriptions: true }).facts).component('Robot')
  t.equal(full?.telemetry.get('arm')?.fields[0]?.description, 'text')
  t.equal(full?.description, 'd')
})

t.test('differences name what was added, removed and changed', async t => {
  const before = importInterfaces(t.testdir(tree())).facts
  const after = importInterfaces(
    t.testdir(
      tree(
        {
          Robot: {
            'Robot_Telemetry.xml': telemetry(
              {
                Robot_arm: item('angle', { Units: 'degree', Count: '2' }) + item('speed'),
                Robot_leg: item('knee')
              },
              '<Enumeration>Mode_A, Mode_B</Enumeration>'
            )
          },
          Dog: {}
        },
        subsystem('Robot', 'csc', 'any') + subsystem('Dog')
      )
    )
  ).facts
  const lines = (a: typeof before, b: typeof before): string[] =>
    differencesOf(catalogueOf(a), catalogueOf(b)).map(({ change, what, name, detail }) =>
      `${change} ${what} ${name} ${detail}`.trim()
    )
  t.same(lines(before, before), [])
  const found = lines(before, after)
  for (const line of [
    'added component Dog',
    'changed component Robot not indexed -> indexed',
    'added topic Robot.telemetry.leg',
    'changed field Robot.telemetry.arm.angle double deg -> double[2] deg',
    'added field Robot.telemetry.arm.speed',
    'added enumeration Robot.Mode'
  ])
    t.ok(found.includes(line), line)
  t.ok(lines(after, before).includes('removed component Dog'))
})
