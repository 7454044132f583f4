import t from 'tap'
import { loadCatalogue, readSite } from '../index.ts'
import { hill, read, refusal } from './test-site.ts'

const catalogue = loadCatalogue()

t.test('profiles of what is not there, sizes and links that cannot be are refused, all at once', async t => {
  const { problems } = refusal(
    t,
    hill(
      'profiles: { ESS: ess, ES: ess, MTMount: huge, MTM2:0: hot, part:mtm: tiny, rest: ess }',
      'deploy:',
      '  host: Console.Example',
      '  gateways: { min: 7, max: 3 }',
      '  nats: { servers: 2, storage: 5GB }',
      '  leafs: { dials: { hill: "tls://hill:7422", dale: "http://dale", far: "tls://far:99999", near: "tls://sea:7422", bay: "nats-leaf://Sea" } }',
      '  nkeys: { gateway: UABC, gatway: UABC }'
    )
  )
  t.same(
    problems.map(({ line, where, message }) => `${line} ${where}: ${message}`).sort(),
    [
      "10 deploy.leafs.dials.bay: has the address of 'near': each site has a broker of its own",
      '10 deploy.leafs.dials.dale: must be an address such as tls://nats.example.org:7422',
      '10 deploy.leafs.dials.far: must be an address such as tls://nats.example.org:7422',
      '10 deploy.leafs.dials.hill: a broker cannot dial itself',
      '11 deploy.nkeys.gateway: must be the public nkey of a user, U and 55 capital letters or digits from 2 to 7',
      "11 deploy.nkeys.gatway: a site file has nothing of this name here; did you mean 'gateway'?",
      "5 profiles.ES: 'ES' is no component, instance or part of this site",
      '5 profiles.MTMount: must be one of tiny, ess, queue, hot',
      "5 profiles.part:mtm: 'part:mtm' is no component, instance or part of this site",
      '7 deploy.host: must be a host name such as console.example.org',
      '8 deploy.gateways: min 7 is more than max 3',
      '9 deploy.nats.servers: must be one of 1, 3',
      '9 deploy.nats.storage: must be a size such as 64Gi'
    ].sort()
  )
})

t.test('an address is no host name, digits in a name are', async t => {
  const { problems } = refusal(t, hill('deploy: { host: 10.0.0.5 }'))
  t.match(problems, [{ where: 'deploy.host', message: /must be a host name/ }])
  const { deploy } = read(t, { 'site.yaml': hill('deploy: { host: 7.example.org }') })
  t.equal(deploy.host, '7.example.org')
})

t.test('a name that is missing makes up no fault of what names the site', async t => {
  const { problems } = refusal(t, 'instances: { MTMount: [0] }\nroles: { night: { read: [tel.hill.>] } }\n')
  t.match(problems, [{ where: 'name' }])
  t.equal(problems.length, 1)
})

t.test('an unknown component is named, with the one that was probably meant', async t => {
  const { code, problems } = refusal(t, 'name: hill\ninstances: { mtmount: [0], Greenhouse: [0] }\n')
  t.equal(code, 'CAT_SITE_UNKNOWN')
  t.match(problems, [
    { where: 'instances.mtmount', line: 2, message: /did you mean 'MTMount'/ },
    { where: 'instances.Greenhouse', message: /home-made one needs a line under 'components'/ }
  ])
})

t.test('a home-made component is declared in one line', async t => {
  const site = read(t, {
    'site.yaml': [
      'name: hill',
      'instances: { Greenhouse: [0, 3], ESS: [1] }',
      'components:',
      '  Greenhouse: { subsystem: Environment, firstFields: [[climate.celsius]] }'
    ].join('\n')
  })
  t.same(site.components.get('Greenhouse'), {
    subsystem: 'Environment',
    firstFields: [['climate.celsius']]
  })
  const name = refusal(t, hill('components: { Green.house: {} }'))
  t.match(name, { code: 'CAT_SITE_INVALID', problems: [{ where: 'components.Green.house', line: 5 }] })
})

t.test('an index twice and a component twice are duplicates', async t => {
  t.match(refusal(t, 'name: hill\ninstances: { ESS: [301, 302, 301] }\n'), {
    code: 'CAT_SITE_DUPLICATE',
    problems: [{ where: 'instances.ESS', message: /301/ }]
  })
  t.match(refusal(t, 'name: hill\ninstances:\n  ESS: [1]\n  ESS: [2]\n'), {
    code: 'CAT_SITE_DUPLICATE',
    problems: [{ line: 4 }]
  })
})

t.test('an index that a component cannot have is refused', async t => {
  t.match(refusal(t, 'name: hill\ninstances: { MTMount: [1], ESS: [-4] }\n'), {
    code: 'CAT_SITE_INDEX',
    problems: [{ message: /not indexed/ }, { message: /-4/ }]
  })
})

t.test('parts may not share a topic or a name, have none, nor name what does not exist', async t => {
  const { problems } = refusal(
    t,
    [
      'name: hill',
      'instances: { MTMount: [0] }',
      'parts:',
      '  MTMount:0:',
      '    - { name: one, telemetry: [azimuth, elevation], events: [azimuth] }',
      '    - { name: one, telemetry: [elevation, ackcmd] }',
      '    - { name: none, events: [] }',
      '  MTM2:0:',
      '    - { name: two, telemetry: [position] }'
    ].join('\n')
  )
  t.same(
    problems.map(({ code, line }) => `${code} ${line}`),
    [
      'CAT_SITE_SPLIT 5',
      'CAT_SITE_UNKNOWN 5',
      'CAT_SITE_INVALID 7',
      'CAT_SITE_UNKNOWN 9',
      'CAT_SITE_DUPLICATE 4'
    ]
  )
  t.match(problems[2], { where: 'parts.MTMount:0.2', message: "part 'none' has no topics" })
  t.match(problems[0], { message: "telemetry topic 'elevation' is in more than one part" })
})

t.test('an instance with a producer of its own is one of the site, and named once', async t => {
  const { problems } = refusal(t, hill('ownProducer: [MTMount:0, MTMount:0, ESS:1]'))
  t.match(problems, [
    { code: 'CAT_SITE_UNKNOWN', where: 'ownProducer', line: 5, message: /ESS:1/ },
    { code: 'CAT_SITE_DUPLICATE', message: /MTMount:0/ }
  ])
})

t.test('what is said of commands must fit commands, and their parameters', async t => {
  const { problems } = refusal(
    t,
    hill(
      'commands:',
      '  stops:',
      '    MTMount.halt: {}',
      '    MTDome.stop: { brakes: true }',
      '    "*.stopTracking": { ignored: false }',
      '    MTPtg.stopTracking: { ignored: 1 }',
      '  unconfirmed: [MTMount.azel]'
    )
  )
  t.same(
    problems.map(({ code, line, message }) => `${code} ${line} ${message}`),
    [
      'CAT_SITE_UNKNOWN 7 fits no command',
      "CAT_SITE_UNKNOWN 8 MTDome.stop has no parameter 'brakes'",
      "CAT_SITE_UNKNOWN 9 ATMCS.stopTracking has no parameter 'ignored'",
      "CAT_SITE_UNKNOWN 9 MTMount.stopTracking has no parameter 'ignored'",
      'CAT_SITE_INVALID 10 MTPtg.stopTracking wants ignored as boolean',
      "CAT_SITE_UNKNOWN 11 'MTMount.azel' fits no command"
    ]
  )
})

t.test('a file of another form is refused by the place where it differs', async t => {
  t.match(refusal(t, 'name: hill\ninstances: { ESS: 301 }\n'), {
    code: 'CAT_SITE_INVALID',
    problems: [{ where: 'instances.ESS', line: 2 }]
  })
  t.match(refusal(t, hill('instance: { ESS: [301] }')), {
    code: 'CAT_SITE_INVALID',
    problems: [{ where: 'instance', line: 5, message: /nothing of this name/ }]
  })
  t.match(refusal(t, hill('location: { longitudeDeg: 300, latitudeDeg: 0, elevationM: 1 }')), {
    problems: [{ where: 'location.longitudeDeg', line: 5 }]
  })
  t.match(refusal(t, 'name: the hill\ninstances: { ESS: [1] }\n'), { problems: [{ where: 'name', line: 1 }] })
  t.match(refusal(t, 'observatory: Hills\n'), {
    code: 'CAT_SITE_INVALID',
    problems: [{ where: 'name', message: 'is missing' }, { where: 'instances' }]
  })
  t.equal(refusal(t, '').code, 'CAT_SITE_INVALID')
  t.match(refusal(t, 'name: [unclosed'), { code: 'CAT_SITE_UNREADABLE', message: /site\.yaml:1: / })
  t.match(refusal(t, 'name: hill\ninstances: *nobody\n'), { code: 'CAT_SITE_UNREADABLE', message: /nobody/ })
  t.throws(() => readSite('/nowhere/site.yaml', catalogue), {
    code: 'CAT_SITE_UNREADABLE',
    message: /nowhere/
  })
})

t.test('of a file that is no YAML a few lines are told, not the file', async t => {
  const secret = 'x'.repeat(3000)
  const { message, problems } = refusal(t, `${'`'.repeat(3)}\n`.repeat(40) + `\u001b[2J: : ${secret}\n- ]`)
  t.equal(problems.length, 6)
  t.match(problems.at(-1)?.message, /^\d+ more$/)
  t.notMatch(message, /x{200}/)
  t.notOk(message.includes('\u001b'), 'nothing that moves the cursor of a terminal')
  t.ok(message.length < 2000, `${message.length} characters`)
})

t.test('every fault is told at once, of whatever kind, in plain words', async t => {
  const text = [
    'name: the hill',
    'instances: { ESS: 301, mtmount: [0], MTM2: [0] }',
    'location: { longitudeDeg: 300, latitudeDeg: north }',
    'obervatory: Hill',
    'observatory: ""',
    'subsystems: [1]',
    'ownProducer: [ESS:301]',
    'commands: { stops: { MTDome.stop: { brakes: [1] }, MTMount.halt: {} }, unconfirmd: [] }',
    'components: { Green.house: { subsytem: Garden, firstTopics: x } }'
  ].join('\n')
  const { problems } = refusal(t, text)
  t.same(problems.map(({ line, where, message }) => `${line} ${where}: ${message}`).sort(), [
    "1 name: must be 1 to 50 letters, digits, '-' or '_'",
    '2 instances.ESS: must be a list',
    "2 instances.mtmount: no component 'mtmount'; did you mean 'MTMount'?",
    '3 location.latitudeDeg: must be a number',
    '3 location.longitudeDeg: must be at most 180',
    '3 location: lacks elevationM',
    "4 obervatory: a site file has nothing of this name here; did you mean 'observatory'?",
    '5 observatory: must not be empty',
    '6 subsystems.0: must be a text',
    '8 commands.stops.MTDome.stop.brakes: must be true or false, a number or a text',
    '8 commands.stops.MTMount.halt: fits no command',
    "8 commands.unconfirmd: a site file has nothing of this name here; did you mean 'unconfirmed'?",
    '9 components.Green.house.firstTopics: must be a list',
    "9 components.Green.house.subsytem: a site file has nothing of this name here; did you mean 'subsystem'?",
    "9 components.Green.house: 'Green.house' cannot be the name of a component"
  ])
})

t.test('a key twice is told beside the other faults', async t => {
  const { problems } = refusal(
    t,
    'name: hill\ninstances: { mtmount: [0] }\nsubsystems: [A]\nsubsystems: [B]\n'
  )
  t.same(problems.map(({ code }) => code).sort(), ['CAT_SITE_DUPLICATE', 'CAT_SITE_UNKNOWN'])
})

t.test(
  'a file of JSON on one line, as bundles hold it, is the same site; its faults are told too',
  async t => {
    const site = { name: 'hill', instances: { MTMount: [0], MTM2: [0] } }
    const { instances, name } = read(t, { 'site.yaml': JSON.stringify(site) })
    const yaml = read(t, { 'site.yaml': hill() })
    t.same({ name, instances }, { name: yaml.name, instances: yaml.instances })
    const wrong = refusal(t, JSON.stringify({ ...site, observatory: 3 }))
    t.match(wrong, { code: 'CAT_SITE_INVALID', problems: [{ where: 'observatory', line: 1 }] })
    const twice = refusal(t, '{"name":"hill","instances":{"MTM2":[0]},"name":"dale"}')
    t.equal(twice.code, 'CAT_SITE_DUPLICATE', 'a key twice is no less told in JSON')
    t.equal(refusal(t, '{"name":').code, 'CAT_SITE_UNREADABLE')
  }
)

t.test('a role that reads or commands nothing that exists is refused with its line', async t => {
  const lines = [
    '  viewer: { read: ["tel..x", "evt.base.>", "raw.>"] }',
    '  Night: { command: [MTMount.fly] }'
  ]
  const { problems } = refusal(t, hill('roles:', ...lines))
  t.match(problems, [
    { line: 6, where: 'roles.viewer.read.0', message: /'tel\.\.x' is not tokens/ },
    { line: 6, where: 'roles.viewer.read.1', message: /no subject that this site keeps/ },
    { line: 6, where: 'roles.viewer.read.2', message: /no subject that this site keeps/ },
    { line: 7, where: 'roles.Night', message: /small letters/ },
    { line: 7, where: 'roles.Night.command.0', message: /'MTMount\.fly' fits no command/ }
  ])
  t.equal(problems.length, 5)
})
