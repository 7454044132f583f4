import type { Update } from '@meridian/client'
import { taiSecondsOf } from '@meridian/time'
import { signal } from '@preact/signals'
import t from 'tap'
import type { Stall } from '../data-flow.ts'
import { openAlarms } from './alarm.ts'
import { SILENT_AFTER_MS } from './condition.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { commandersLostMs } from './silent-commanders.ts'
import { silenceText, silentProducersOf } from './silent-producers.ts'
import type { StateChange } from './state-log.ts'
import { unheardStateOf } from './unheard-state.ts'

const NOW = Date.UTC(2026, 10, 22, 3)
const TAI = taiSecondsOf(NOW)

/** A fleet, and the link's word on as of when it may judge. */
function fleetOf(names?: readonly string[]) {
  const judgedAtMs = signal(NOW)
  const lastStall = signal<Stall | undefined>(undefined)
  const heard: StateChange[] = []
  const fleet = createFleet({
    judgedAtMs,
    lastStall,
    catalogued: () => (names === undefined ? undefined : new Set(names)),
    onChange: change => void heard.push(change)
  })
  return { fleet, judgedAtMs, lastStall, heard, conditionOf: (id: string) => fleet.find(id)?.condition.value }
}

function update(subject: string, fields: Record<string, unknown> = {}, more: Partial<Update> = {}): Update {
  const [kind = '', site = '', csc = '', index, topic = ''] = subject.split('.')
  return {
    subject,
    parts: { class: kind, site, csc, index: Number(index), topic },
    seq: 1,
    time: TAI,
    received: TAI,
    fields,
    snapshot: false,
    uncatalogued: false,
    ...more
  }
}

const beat = (fleet: Fleet, id: string, heardMs = NOW, more: Partial<Update> = {}): void =>
  fleet.apply(update(`hb.summit.${id.replace(':', '.')}`, {}, more), heardMs)

/** Beats once a second, from after `from` up to `to` ms past the beginning. */
function beats(fleet: Fleet, id: string, from: number, to: number): void {
  for (let at = from + 1000; at <= to; at += 1000) beat(fleet, id, NOW + at)
}

function state(fleet: Fleet, id: string, summaryState: unknown, more: Partial<Update> = {}): void {
  fleet.apply(update(`evt.summit.${id.replace(':', '.')}.summaryState`, { summaryState }, more), NOW)
}

function carries(fleet: Fleet, index: number, instances: readonly string[], others = false): void {
  fleet.apply(update(`evt.summit.Producer.${index}.carries`, { instances, others }), NOW)
  beat(fleet, `Producer:${index}`, NOW, { snapshot: true })
}

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

t.test("while its producer is silent a component is not judged, and the producer's name is told", async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  for (const id of ['MTMount:0', 'MTDome:0', 'ESS:301']) {
    state(fleet, id, 2)
    beat(fleet, id)
  }
  carries(fleet, 1, ['MTMount:0'])
  carries(fleet, 2, [], true)
  beats(fleet, 'Producer:1', 0, 9000)
  judgedAtMs.value = NOW + 9000
  t.equal(conditionOf('MTMount:0'), 'silent', 'its producer beats, so it would have been heard')
  t.equal(conditionOf('MTDome:0'), 'unjudged')
  t.match(silentProducersOf(fleet), [{ process: { id: 'Producer:2' }, unjudged: 2 }])
  beat(fleet, 'MTDome:0', NOW + 9000)
  t.equal(conditionOf('MTDome:0'), 'enabled', 'what is heard by another way is alive')
})

t.test('a producer that beats again gives its components time to be heard, and then blames them', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  beat(fleet, 'MTMount:0')
  carries(fleet, 1, [], true)
  beats(fleet, 'Producer:1', 0, 1000)
  judgedAtMs.value = NOW + 9000
  t.equal(conditionOf('MTMount:0'), 'unjudged')
  const texts = () => silentProducersOf(fleet).map(silenceText)
  t.same(texts(), ['PRODUCER 1 SILENT: 1 component not judged'])
  for (const [at, condition, said] of [
    [10_000, 'unjudged', ['PRODUCER 1 IS BACK: 1 component not judged yet']],
    [14_000, 'unjudged', ['PRODUCER 1 IS BACK: 1 component not judged yet']],
    [15_000, 'silent', []]
  ] as const) {
    beats(fleet, 'Producer:1', Math.max(9000, at - 4000), at)
    judgedAtMs.value = NOW + at
    t.equal(conditionOf('MTMount:0'), condition, `${at - 10_000} ms after it came back`)
    t.same(texts(), said)
  }
})

t.test('a component is judged as of the last beat of its producer, however the two end', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  beat(fleet, 'MTMount:0', NOW - 900)
  carries(fleet, 1, ['MTMount:0'])
  for (const passed of [4000, 4500, 5000, 5001]) {
    judgedAtMs.value = NOW + passed
    t.not(conditionOf('MTMount:0'), 'silent', `${passed} ms after both stopped`)
  }
  t.equal(conditionOf('MTMount:0'), 'unjudged')
})

t.test(
  'a state that was said before its producer began is told, unless another has listened since',
  async t => {
    const { fleet } = fleetOf()
    const start = (index: number, received: number): void =>
      fleet.apply(
        update(
          `evt.summit.Producer.${index}.carries`,
          { instances: ['MTDome:0'], others: false },
          { received }
        ),
        NOW
      )
    const unheard = () => {
      const model = fleet.find('MTDome:0')
      return model && unheardStateOf(fleet, model)
    }
    state(fleet, 'MTDome:0', 2, { received: TAI - 100 })
    beat(fleet, 'Producer:1')
    t.equal(unheard(), undefined, 'nothing is known of its producer')
    start(1, TAI - 99.9)
    t.equal(unheard(), undefined, 'both began together')
    start(1, TAI - 50)
    t.same(unheard(), { producer: 'producer 1', said: TAI - 100, since: TAI - 50 })
    beat(fleet, 'Producer:2')
    start(2, TAI - 200)
    t.equal(unheard(), undefined, 'another has listened all the time')
    start(2, TAI - 20)
    t.match(unheard(), { producer: 'producer 1' })
    state(fleet, 'MTDome:0', 2, { received: TAI - 10 })
    t.equal(unheard(), undefined, 'it said so again')
  }
)

t.test('a producer that another stands in for blames nobody', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  carries(fleet, 1, ['MTMount:0'])
  carries(fleet, 2, ['MTMount:0'])
  judgedAtMs.value = NOW + 60_000
  beats(fleet, 'Producer:2', 0, 60_000)
  beat(fleet, 'MTMount:0', NOW + 60_000)
  t.equal(conditionOf('MTMount:0'), 'enabled')
  t.same(silentProducersOf(fleet), [])
  t.same(
    fleet.processes.all.value.map(({ id, isSilent }) => [id, isSilent.value]),
    [
      ['Producer:1', true],
      ['Producer:2', false]
    ]
  )
})

t.test('commanders are lost when the last of them is silent, and not where there are none', async t => {
  const { fleet, judgedAtMs } = fleetOf()
  t.equal(commandersLostMs(fleet), undefined)
  beat(fleet, 'Commander:1', NOW)
  beat(fleet, 'Commander:2', NOW)
  beats(fleet, 'Commander:2', 0, 10_000)
  judgedAtMs.value = NOW + 10_000
  t.equal(commandersLostMs(fleet), undefined, 'one suffices')
  judgedAtMs.value = NOW + 10_000 + SILENT_AFTER_MS + 1
  t.equal(commandersLostMs(fleet), NOW + 10_000)
  beat(fleet, 'Commander:1', NOW + 16_000)
  t.equal(commandersLostMs(fleet), undefined)
})

t.test("Meridian's own processes are no components of the observatory", async t => {
  const { fleet } = fleetOf()
  for (const csc of ['Producer', 'Commander', 'Gateway']) beat(fleet, `${csc}:1`)
  fleet.apply(update('evt.summit.Liveness.0.component.a', { component: 'A', index: 0, alive: true }), NOW)
  t.same(fleet.instances.value, [])
  t.equal(fleet.processes.all.value.length, 3)
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
