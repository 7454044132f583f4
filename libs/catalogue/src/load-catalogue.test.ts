import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import t from 'tap'
import { catalogueJson, loadCatalogue, loadSite, shippedFacts, toJson } from './index.ts'
import type { Component, Topic } from './model.ts'

const FAST = { [constants.BROTLI_PARAM_QUALITY]: 1 }
const catalogue = loadCatalogue()

function component(name: string): Component {
  const found = catalogue.component(name)
  if (found === undefined) throw new Error(`no ${name}`)
  return found
}

const topicsOf = (name: string): Topic[] => {
  const { commands, events, telemetry, ackcmd } = component(name)
  return [...commands.values(), ...events.values(), ...telemetry.values(), ackcmd]
}

const valuesOf = (csc: string, list: string) =>
  Object.fromEntries(
    component(csc)
      .enumerations.get(list)
      ?.items.map(item => [item.name, item.value]) ?? []
  )

t.test('the shipped facts hold all of SAL 28', async t => {
  t.equal(catalogue.version, '28.0.1')
  t.same(catalogue.totals(), {
    components: 63,
    indexed: 21,
    commands: 840,
    events: 1883,
    telemetry: 562,
    ackcmds: 63,
    fields: 22366,
    arrayFields: 2578
  })
})

t.test('the totals are those of the components as they are given out', async t => {
  const topics = catalogue.components.flatMap(topicsOf)
  t.equal(topics.length, 3348)
  const fields = topics.flatMap(topic => topic.fields)
  t.equal(fields.length, 22366)
  t.equal(fields.filter(field => field.count > 1).length, 2578)
  t.equal(catalogue.components.filter(name => component(name).indexed).length, 21)
})

t.test('loading takes no more than 150 ms of CPU, all topics of all components included', async t => {
  const before = process.cpuUsage()
  const fresh = loadCatalogue()
  for (const name of fresh.components) {
    const { commands, events, telemetry, ackcmd, enumerations } = fresh.component(name) as Component
    t.ok(commands.size + events.size + telemetry.size + enumerations.size > 0 && ackcmd.csc === name)
  }
  const { user, system } = process.cpuUsage(before)
  t.ok((user + system) / 1000 <= 150, `${(user + system) / 1000} ms`)
})

t.test('revision codes are those that real components register', async t => {
  t.equal(component('Test').events.get('heartbeat')?.revCode, '9690f77a')
  t.equal(component('MTM1M3').events.get('heartbeat')?.revCode, 'aa47d303')
  t.equal(component('MTM1M3').telemetry.get('forceActuatorData')?.revCode, 'b6107eef')
  t.equal(component('MTHexapod').events.get('inPosition')?.revCode, '5069a609')
})

t.test('every enumeration that a field names exists, and its type can hold the values', async t => {
  for (const csc of catalogue.components) {
    const { enumerations } = component(csc)
    for (const topic of topicsOf(csc))
      for (const { name, type, enumeration } of topic.fields.filter(
        field => field.enumeration !== undefined
      )) {
        const list = enumerations.get(enumeration ?? '')
        const text = list?.items.every(item => typeof item.value === 'string')
        if (list === undefined || text !== (type === 'string'))
          t.fail(`${csc}.${topic.name}.${name}: ${enumeration}`)
      }
  }
})

t.test('fields carry type, count, one spelling of their units and what their values mean', async t => {
  const azimuth = component('MTMount').telemetry.get('azimuth')
  t.same(
    azimuth?.fields.find(field => field.name === 'actualPosition'),
    { name: 'actualPosition', type: 'double', count: 1, units: 'deg' }
  )
  const force = component('MTM1M3').telemetry.get('forceActuatorData')
  t.match(
    force?.fields.find(field => field.name === 'zForce'),
    { type: 'float', count: 156, units: 'N' }
  )
  t.match(component('MTMount').events.get('azimuthMotionState')?.fields, [
    { name: 'state', enumeration: 'AxisMotionState' }
  ])
  t.match(component('ESS').events.get('summaryState')?.fields, [{ enumeration: 'SummaryStates' }])
  const units = new Set(
    catalogue.components.flatMap(topicsOf).flatMap(topic => topic.fields.map(field => field.units))
  )
  for (const other of ['unitless', 'degree', 'second', 'Celsius', 'deg_C', 'micron', 'Volt'])
    t.notOk(units.has(other), other)
})

t.test('enumerations have the values that components send, not those of the interface files', async t => {
  t.match(valuesOf('MTM1M3', 'ILCState'), { STANDBY: 0, FAULT: 4 })
  t.same(valuesOf('ATMonochromator', 'Grating'), { Blue: 2, Red: 1, Mirror: 0 })
  t.match(valuesOf('ATMCS', 'M3State'), { Nasmyth1: 6, UnknownPosition: 10 })
  t.same(valuesOf('MTDome', 'OnOff'), { On: 1, Off: 0 })
  t.match(valuesOf('MTDome', 'Louver'), { A1: 1, N2: 34 })
  t.same(valuesOf('MTDome', 'OpenClose'), { OPEN: 'OPEN', CLOSED: 'CLOSED' })
  t.equal(
    component('MTDome')
      .commands.get('home')
      ?.fields.find(f => f.name === 'direction')?.enumeration,
    'OpenClose'
  )
  t.match(valuesOf('TunableLaser', 'OpticalConfiguration'), { F1_NO_SCU: 'F1 No SCU' })
  t.match(valuesOf('Script', 'ScriptState'), { Unknown: 0, Unconfigured: 1, ConfigureFailed: 11 })
  t.match(valuesOf('ScriptQueue', 'ScriptProcessState'), { Unknown: 0, Loading: 1, Terminated: 7 })
  t.match(valuesOf('MTHexapod', 'ErrorCode'), { INTERLOCK_OPEN: -3, NO_CONFIG: 3 })
  t.match(valuesOf('MTRotator', 'ErrorCode'), { INTERLOCK_OPEN: -3, FAIL_TO_UNLOCK: 9 })
  t.match(valuesOf('ATWhiteLight', 'ChillerL21Alarms'), {
    ADC_SYSTEM_ERROR: 16,
    EEPROM_2_WRITE_ERROR: 2 ** 31
  })
  t.equal(component('EAS').enumerations.get('ControlFeature')?.bitmask, true)
  t.match(valuesOf('EAS', 'ControlFeature'), { RoomSetpoint: 1, RequireDomeOpen: 64 })
  t.same(valuesOf('Watcher', 'AlarmSeverity'), { None: 1, Warning: 2, Serious: 3, Critical: 4 })
})

t.test('a list that counts states is no bit mask, one whose values are all bits is', async t => {
  t.equal(component('MTMount').enumerations.get('LimitsMask')?.bitmask, true)
  t.equal(component('MTHexapod').enumerations.get('ApplicationStatus')?.bitmask, true)
  t.equal(component('MTHexapod').enumerations.get('ControllerState')?.bitmask, undefined)
  t.equal(component('MTMount').enumerations.get('AxisMotionState')?.bitmask, undefined)
})

t.test('the topics that are keyed by the index of a Script are told, and no others', async t => {
  const found = catalogue.components.flatMap(topicsOf).filter(topic => topic.scriptIndexField !== undefined)
  t.same(
    found.map(({ csc, name, keyFields, scriptIndexField }) => [csc, name, keyFields, scriptIndexField]),
    ['nextVisit', 'nextVisitCanceled', 'script'].map(name => [
      'ScriptQueue',
      name,
      ['scriptSalIndex'],
      'scriptSalIndex'
    ])
  )
  const [json] = toJson(component('ScriptQueue')).events.filter(({ name }) => name === 'script')
  t.equal(json?.scriptIndexField, 'scriptSalIndex')
})

t.test('topics about many objects have key fields, and the keys exist', async t => {
  const keysOf = (csc: string, kind: 'events' | 'telemetry', name: string) =>
    component(csc)[kind].get(name)?.keyFields
  t.same(keysOf('Watcher', 'events', 'alarm'), ['name'])
  t.same(keysOf('AlarmRule', 'events', 'state'), ['alarmName'])
  t.same(keysOf('ScriptQueue', 'events', 'script'), ['scriptSalIndex'])
  t.same(keysOf('ScriptQueue', 'events', 'configSchema'), ['isStandard', 'path'])
  t.same(keysOf('MTMount', 'events', 'error'), ['subsystem', 'code'])
  t.same(keysOf('Scheduler', 'events', 'blockStatus'), ['id'])
  t.same(keysOf('ESS', 'telemetry', 'temperature'), ['sensorName'])
  t.same(keysOf('ATCamera', 'telemetry', 'daq_mon_rms'), ['Raft', 'Reb', 'Agent'])
  t.same(keysOf('MTMount', 'telemetry', 'azimuth'), [])
  const keyed = [...component('ESS').telemetry.values()].filter(topic => topic.keyFields.length > 0)
  t.equal(keyed.length, 32)
  for (const topic of catalogue.components.flatMap(topicsOf))
    for (const key of topic.keyFields)
      if (!topic.fields.some(field => field.name === key)) t.fail(`${topic.csc}.${topic.name} has no ${key}`)
})

t.test('names that differ only by case are different topics', async t => {
  const { telemetry } = component('MTCamera')
  t.ok(telemetry.has('focal_plane_Segment'))
  t.ok(telemetry.has('focal_plane_segment'))
  t.match(
    telemetry.get('focal_plane_segment')?.fields.find(field => field.tag),
    { type: 'string', tag: true }
  )
})

t.test('the nominal rates of the summit add up to about 2,300 messages per second', async t => {
  const rateOf = (csc: string, index: number): number =>
    topicsOf(csc).reduce((sum, topic) => sum + component(csc).rateOf(topic, index), 0)
  const sum = loadSite('summit', catalogue).instances.reduce(
    (total, { csc, index }) => total + rateOf(csc, index),
    0
  )
  t.ok(sum > 2200 && sum < 2400, `${sum} msg/s`)
  t.equal(component('MTM1M3').telemetry.get('imsData')?.rateHz, 50)
  t.equal(component('MTMount').events.get('azimuthInPosition')?.rateHz, undefined)
  for (const csc of catalogue.components)
    for (const topic of component(csc).telemetry.values())
      if (!(topic.rateHz ?? 0)) t.fail(`${csc}.${topic.name}`)
})

t.test('an instance that lacks a sensor sends nothing of it', async t => {
  const ess = component('ESS')
  t.equal(ess.rateOf({ kind: 'telemetry', name: 'temperature' }, 104), 1)
  t.equal(ess.rateOf({ kind: 'telemetry', name: 'airFlow' }, 104), 0)
  t.equal(ess.rateOf({ kind: 'telemetry', name: 'airFlow' }, 301), 1)
  t.equal(component('MTDome').rateOf({ kind: 'event', name: 'interlocks' }, 0), 0)
  t.equal(component('MTDome').rateOf({ kind: 'telemetry', name: 'interlocks' }, 0), 2)
})

t.test('a component as JSON is plain, complete and small', async t => {
  const json = toJson(component('MTMount'))
  t.same(JSON.parse(JSON.stringify(json)), json)
  t.match(
    json.commands.find(command => command.name === 'park'),
    { fields: [{ name: 'position', type: 'short', enumeration: 'ParkPosition' }] }
  )
  t.match(
    json.telemetry.find(topic => topic.name === 'azimuth'),
    { rateHz: 20 }
  )
  t.match(
    toJson(component('Watcher')).events.find(topic => topic.name === 'alarm'),
    { keyFields: ['name'] }
  )
  t.notMatch(JSON.stringify(json), 'revCode')
  t.match(catalogueJson(catalogue).components[0], { name: 'ATAOS', indexed: false })
})

t.test('unknown names give undefined, also those of Object.prototype', async t => {
  t.equal(catalogue.component('Greenhouse'), undefined)
  t.equal(catalogue.component('constructor'), undefined)
  t.equal(catalogue.component('__proto__'), undefined)
})

t.test('compressed facts are the same; what is no Brotli cannot be read', async t => {
  const file = join(t.testdir(), 'facts.json.br')
  writeFileSync(file, brotliCompressSync(readFileSync(shippedFacts), { params: FAST }))
  t.same(loadCatalogue({ file }).totals(), catalogue.totals())
  writeFileSync(file, '{}')
  t.throws(() => loadCatalogue({ file }), { code: 'CAT_UNREADABLE', message: /facts\.json\.br/ })
})

t.test('facts that are missing, not JSON or of another format are refused by name', async t => {
  const folder = t.testdir({
    'bad.json': '{',
    'old.json': '{"format":"meridian-catalogue/0"}',
    'null.json': 'null',
    'bare.json': '{"format":"meridian-catalogue/1"}'
  })
  t.throws(() => loadCatalogue({ file: join(folder, 'none.json') }), {
    code: 'CAT_UNREADABLE',
    message: /none\.json/
  })
  t.throws(() => loadCatalogue({ file: join(folder, 'bad.json') }), {
    code: 'CAT_FORMAT',
    message: /not JSON/
  })
  t.throws(() => loadCatalogue({ file: join(folder, 'old.json') }), {
    code: 'CAT_FORMAT',
    message: /catalogue\/0/
  })
  t.throws(() => loadCatalogue({ file: join(folder, 'null.json') }), { code: 'CAT_FORMAT' })
  t.throws(() => loadCatalogue({ file: join(folder, 'bare.json') }), {
    code: 'CAT_FORMAT',
    message: /lacks a table/
  })
})
