import { join } from 'node:path'
import t from 'tap'
import { loadCatalogue, loadSite, readSite, siteJson, stopParametersOf, toJson } from '../index.ts'

const catalogue = loadCatalogue()
const summitSite = loadSite('summit', catalogue)
const summit = siteJson(summitSite, catalogue)

t.test('what a page asks for first is small', async t => {
  t.ok(JSON.stringify(summit).length < 30_000, `${JSON.stringify(summit).length} bytes`)
})

t.test('every component of the catalogue stands under a heading of the summit', async t => {
  for (const csc of catalogue.components) {
    const { subsystem } = summit.components[csc] ?? {}
    if (subsystem === undefined || !summit.subsystems.includes(subsystem)) t.fail(csc)
  }
  t.same(summit.subsystems.slice(0, 2), ['Main Telescope', 'Camera'])
  t.equal(summit.components['MTOODS']?.subsystem, 'Camera')
  t.equal(summit.components['ATMonochromator']?.subsystem, 'Calibration')
})

t.test('topics and fields that come first are those of the catalogue', async t => {
  t.same(summit.components['ATDome'], {
    subsystem: 'Auxiliary Telescope',
    firstTopics: ['position', 'azimuthState', 'mainDoorState'],
    firstFields: [['position.azimuthPosition']],
    stops: { stopMotion: {} },
    unconfirmed: ['setLogLevel']
  })
})

t.test('stops carry the parameters of the site, an exact name before a pattern', async t => {
  t.same(summit.components['MTDome']?.stops, { stop: { engageBrakes: false, subSystemIds: 2047 } })
  t.same(summit.components['MTMount']?.stops, { stopTracking: {}, stop: {} })
  t.same(summit.components['Watcher']?.unconfirmed?.toSorted(), [
    'acknowledge',
    'mute',
    'setLogLevel',
    'showAlarms',
    'unacknowledge',
    'unmute'
  ])
})

t.test('a stop is what the site lists, what is called so, and what its component lists', async t => {
  const text = [
    'name: hill',
    'instances: { Greenhouse: [0], MTMount: [0], LaserTracker: [1] }',
    'components:',
    '  Greenhouse: { stops: [closeValves] }',
    '  LaserTracker: { stops: [halt] }',
    'commands: { stops: { MTMount.stop: {}, Greenhouse.drain: { fast: true } }, unconfirmed: [] }'
  ].join('\n')
  const hill = readSite(join(t.testdir({ 'site.yaml': text }), 'site.yaml'), catalogue)
  const cases: [string, string, object | undefined][] = [
    ['MTMount', 'stop', {}],
    ['MTMount', 'stopTracking', {}],
    ['MTM1M3', 'abortRaiseM1M3', {}],
    ['LaserTracker', 'halt', {}],
    ['Greenhouse', 'closeValves', {}],
    ['Greenhouse', 'drain', { fast: true }],
    ['Greenhouse', 'Stop', {}],
    ['Greenhouse', 'open', undefined],
    ['MTM1M3TS', 'coolantPumpStop', undefined],
    ['Greenhouse', 'constructor', undefined]
  ]
  for (const [csc, command, parameters] of cases)
    t.same(stopParametersOf(hill, csc, command), parameters, `${csc}.${command}`)
  const { components } = siteJson(hill, catalogue)
  t.same(components['Greenhouse']?.stops, { closeValves: {}, drain: { fast: true } })
  const wrong = text.replace('[halt]', '[halted]')
  t.throws(() => readSite(join(t.testdir({ 'wrong.yaml': wrong }), 'wrong.yaml'), catalogue), {
    message: /no command 'halted'/
  })
})

t.test('the catalogue says which commands of a component are stops', async t => {
  const commandsOf = (csc: string) => {
    const component = catalogue.component(csc)
    return component === undefined ? [] : toJson(component, summitSite).commands
  }
  const stops = (csc: string) =>
    Object.fromEntries(
      commandsOf(csc).flatMap(({ name, stop }) => (stop === undefined ? [] : [[name, stop]]))
    )
  t.same(stops('MTDome'), { stop: { parameters: { engageBrakes: false, subSystemIds: 2047 } } })
  t.same(stops('MTMount'), { stopTracking: { parameters: {} }, stop: { parameters: {} } })
  t.same(stops('LaserTracker'), { halt: { parameters: { halt: true } } })
})

t.test('a home-made component and a heading of its own come after what the site lists', async t => {
  const text = [
    'name: hill',
    'instances: { Greenhouse: [0], MTMount: [0] }',
    'subsystems: [Environment]',
    'components:',
    '  Greenhouse: { subsystem: Gardens, firstTopics: [climate] }',
    '  MTMount: { subsystem: Telescope }'
  ].join('\n')
  const hill = siteJson(readSite(join(t.testdir({ 'site.yaml': text }), 'site.yaml'), catalogue), catalogue)
  t.equal(hill.subsystems[0], 'Environment')
  t.ok(hill.subsystems.includes('Gardens'))
  t.same(hill.components['Greenhouse'], { subsystem: 'Gardens', firstTopics: ['climate'] })
  t.match(hill.components['MTMount'], { subsystem: 'Telescope', firstTopics: ['azimuth', 'elevation'] })
})
