import t from 'tap'
import { beat, carries, fleetOf, NOW, state, TAI, update } from '../../test/harness/fleet-world.ts'
import { openAlarms } from './alarm.ts'
import { SILENT_AFTER_MS } from './condition.ts'
import { PROCESS_KINDS } from './processes.ts'

t.test('a heartbeat and a summary state make a component enabled', async t => {
  const { fleet, conditionOf } = fleetOf()
  fleet.expect([{ csc: 'MTMount', index: 0 }])
  t.equal(conditionOf('MTMount:0'), 'nodata')
  state(fleet, 'MTMount:0', 2)
  t.equal(conditionOf('MTMount:0'), 'silent')
  beat(fleet, 'MTMount:0')
  t.equal(conditionOf('MTMount:0'), 'enabled')
})

t.test(
  'a device that beats is reporting, without a summary state and with one that nobody knows',
  async t => {
    const { fleet, judgedAtMs, conditionOf } = fleetOf()
    beat(fleet, 'Greenhouse:0')
    t.equal(conditionOf('Greenhouse:0'), 'device')
    state(fleet, 'Greenhouse:0', 9)
    t.equal(conditionOf('Greenhouse:0'), 'device')
    judgedAtMs.value = NOW + SILENT_AFTER_MS + 1
    t.equal(conditionOf('Greenhouse:0'), 'silent')
  }
)

t.test('what events said is unknown once their stream was made anew, until it is said again', async t => {
  const { fleet, conditionOf } = fleetOf()
  for (const id of ['MTMount:0', 'MTDome:0']) {
    beat(fleet, id)
    state(fleet, id, 2)
  }
  fleet.apply(update('evt.summit.MTMount.0.errorCode', { errorCode: 7 }), NOW)
  fleet.apply(update('evt.summit.Watcher.0.alarm', { name: 'hot', severity: 2, maxSeverity: 2 }), NOW)
  fleet.forgetEvents()
  t.same([conditionOf('MTMount:0'), conditionOf('MTDome:0')], ['device', 'device'])
  t.equal(fleet.find('MTMount:0')?.error.value, undefined)
  t.equal(fleet.alarms.value.size, 0)
  state(fleet, 'MTMount:0', 2)
  t.same([conditionOf('MTMount:0'), conditionOf('MTDome:0')], ['enabled', 'device'])
})

t.test('a heartbeat that was received long ago does not look fresh, an older one undoes nothing', async t => {
  const { fleet, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  beat(fleet, 'MTMount:0', NOW - 60_000)
  t.equal(conditionOf('MTMount:0'), 'silent')
  beat(fleet, 'MTMount:0', NOW - 100)
  beat(fleet, 'MTMount:0', NOW - 5000)
  t.equal(fleet.find('MTMount:0')?.heartbeatMs.value, NOW - 100)
})

t.test('the clock of a component is told apart from a single odd stamp', async t => {
  const { fleet } = fleetOf()
  for (const csc of ['Ahead', 'Odd']) {
    fleet.apply(update(`hb.summit.${csc}.0`, {}, { time: TAI + (csc === 'Ahead' ? 600 : 0) }), NOW)
    fleet.apply(update(`tel.summit.${csc}.0.a`, {}, { time: TAI + 600 }), NOW)
  }
  t.equal(fleet.find('Ahead:0')?.clockAheadSeconds.value, 600)
  t.equal(fleet.find('Odd:0')?.clockAheadSeconds.value, 0)
})

t.test('what a frozen producer held back makes no clock look wrong', async t => {
  const { fleet } = fleetOf()
  beat(fleet, 'MTMount:0')
  for (let late = 12; late > 0; late -= 0.5)
    fleet.apply(update('tel.summit.MTMount.0.azimuth', {}, { time: TAI - late }), NOW)
  t.equal(fleet.find('MTMount:0')?.clockAheadSeconds.value, 0)
})

t.test('a device that no catalogue knows appears with its first message', async t => {
  const { fleet } = fleetOf(['MTMount'])
  fleet.apply(update('tel.summit.Greenhouse.0.climate', {}, { uncatalogued: true }), NOW)
  const model = fleet.find('Greenhouse:0')
  t.equal(model?.condition.value, 'device')
  t.ok(model?.uncatalogued)
  fleet.apply(update('tel.summit.MTMount.0.homeMade', {}, { uncatalogued: true }), NOW)
  t.notOk(fleet.find('MTMount:0')?.uncatalogued, 'an unknown topic does not make its component unknown')
})

t.test('a device without heartbeat has ended when it pauses much longer than it used to', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  const send = (atMs: number) => fleet.apply(update('tel.summit.Rain.0.gauge'), atMs)
  for (const minute of [0, 1, 2]) send(NOW + minute * 60_000)
  judgedAtMs.value = NOW + 6 * 60_000
  t.equal(conditionOf('Rain:0'), 'device')
  judgedAtMs.value = NOW + 7 * 60_000 + 1
  t.equal(conditionOf('Rain:0'), 'ended')
  send(judgedAtMs.value)
  t.equal(conditionOf('Rain:0'), 'device')
})

t.test('a device is not held to have ended for a time in which nothing was heard of anybody', async t => {
  const { fleet, judgedAtMs, lastStall, conditionOf } = fleetOf()
  const send = (csc: string, atMs: number) => fleet.apply(update(`tel.summit.${csc}.0.gauge`), atMs)
  for (const minute of [0, 1, 2]) for (const csc of ['Rain', 'Gone']) send(csc, NOW + minute * 60_000)
  send('Rain', NOW + 7 * 60_000)
  lastStall.value = { fromMs: NOW + 7 * 60_000 + 1, toMs: NOW + 37 * 60_000 }
  judgedAtMs.value = NOW + 37 * 60_000 + 5000
  t.equal(conditionOf('Rain:0'), 'device')
  t.equal(conditionOf('Gone:0'), 'ended', 'before the stall it had already')
  judgedAtMs.value = NOW + 67 * 60_000
  t.equal(conditionOf('Rain:0'), 'ended')
})

t.test("Meridian's own processes are no components of the observatory", async t => {
  const { fleet } = fleetOf()
  for (const csc of PROCESS_KINDS) beat(fleet, `${csc}:1`)
  fleet.apply(update('evt.summit.Liveness.0.component.a', { component: 'A', index: 0, alive: true }), NOW)
  t.same(fleet.instances.value, [])
  t.same(
    fleet.processes.all.value.map(({ kind }) => kind),
    ['Api', 'Commander', 'Gateway', 'Producer']
  )
})

t.test('changes of state and of life are told as they happen; last values are not', async t => {
  const { fleet, heard } = fleetOf()
  state(fleet, 'MTDome:0', 2, { snapshot: true, received: TAI - 100, time: TAI - 100 })
  t.same(heard, [])
  state(fleet, 'MTDome:0', 3, { received: TAI + 1, time: TAI + 1 })
  state(fleet, 'MTDome:0', 3, { received: TAI + 2, time: TAI + 2 })
  const life = (alive: boolean, received: number) =>
    fleet.apply(
      update(
        'evt.summit.Liveness.0.component.MTDome=2E0',
        { component: 'MTDome', index: 0, alive },
        { received, time: received }
      ),
      NOW
    )
  life(false, TAI + 3)
  life(true, TAI + 4)
  t.match(heard, [
    { id: 'MTDome:0', before: 'enabled', after: 'fault' },
    { id: 'MTDome:0', before: 'fault', after: 'silent' },
    { id: 'MTDome:0', after: 'fault', isBack: true }
  ])
  t.equal(fleet.changes.entries.value.length, 4, 'the list begins with what was on record')
})

t.test('a component that is forgotten goes, and comes back when it is heard again', async t => {
  const { fleet, heard, conditionOf } = fleetOf()
  const forget = (component: string, heardMs: number) =>
    fleet.apply(
      update('evt.summit.Liveness.0.forgotten', { component, index: 5 }, { received: TAI + 1 }),
      heardMs
    )
  fleet.expect([{ csc: 'MTDome', index: 5 }])
  for (const id of ['MTMount:5', 'MTDome:5', 'Producer:5']) beat(fleet, id)
  forget('MTMount', NOW - 1)
  t.equal(conditionOf('MTMount:5'), 'device', 'it was heard since')
  for (const component of ['MTMount', 'MTDome', 'Producer']) forget(component, NOW + 1000)
  t.equal(conditionOf('MTMount:5'), undefined)
  t.equal(conditionOf('MTDome:5'), 'nodata', 'the site names it')
  t.same(
    fleet.instances.value.map(({ id }) => id),
    ['MTDome:5']
  )
  t.same(fleet.processes.all.value, [])
  t.equal(fleet.forgotten.value.get('MTMount:5'), TAI + 1)
  t.same(heard, [], 'that is no change of state')
  for (const id of ['MTMount:5', 'MTDome:5']) beat(fleet, id, NOW + 2000)
  t.equal(conditionOf('MTMount:5'), 'device')
  t.same([...fleet.forgotten.value.keys()], ['Producer:5'])
})

t.test('open alarms come with the most severe first; muted ones last, settled ones not at all', async t => {
  const { fleet } = fleetOf()
  const alarm = (name: string, fields: object) =>
    fleet.apply(update('evt.summit.Watcher.0.alarm', { name, acknowledged: false, ...fields }), NOW)
  alarm('muted', { severity: 4, maxSeverity: 4, mutedSeverity: 4 })
  alarm('warning', { severity: 2, maxSeverity: 2 })
  alarm('critical', { severity: 4, maxSeverity: 4 })
  alarm('gone', { severity: 1, maxSeverity: 3 })
  alarm('settled', { severity: 1, maxSeverity: 3, acknowledged: true })
  t.same(
    openAlarms(fleet.alarms.value.values()).map(one => one.name),
    ['critical', 'warning', 'gone', 'muted']
  )
})

t.test('fields of the wrong type change nothing', async t => {
  const { fleet } = fleetOf()
  state(fleet, 'MTDome:0', 'ENABLED')
  fleet.apply(update('evt.summit.MTDome.0.errorCode', { errorCode: null }), NOW)
  carries(fleet, 1, 'MTDome:0' as never)
  t.equal(fleet.find('MTDome:0')?.summaryState.value, undefined)
  t.equal(fleet.find('MTDome:0')?.error.value, undefined)
  t.equal(fleet.find('MTDome:0')?.judgement.value.silentProducer, undefined)
})

t.test('how instances fare is shown once all last values have come, whatever came first', async t => {
  const { fleet, conditionOf } = fleetOf(undefined, { isComplete: false })
  fleet.expect([{ csc: 'MTMount', index: 0 }])
  state(fleet, 'MTMount:0', 2, { snapshot: true })
  beat(fleet, 'Dead:0', NOW - 60_000, { snapshot: true })
  t.same(['MTMount:0', 'Dead:0'].map(conditionOf), ['nodata', 'nodata'])
  beat(fleet, 'MTMount:0', NOW, { snapshot: true })
  fleet.complete()
  t.same(['MTMount:0', 'Dead:0'].map(conditionOf), ['enabled', 'silent'])
})
