import type { Update } from '@meridian/client'
import { taiSecondsOf } from '@meridian/time'
import { signal } from '@preact/signals'
import t from 'tap'
import { createPageClock } from '../page-clock.ts'
import { openAlarms } from './alarm.ts'
import { createFleet } from './fleet.ts'

const NOW = Date.UTC(2026, 10, 22, 3)
const judgedAtMs = signal(NOW)
const fleetOf = (names?: readonly string[]) =>
  createFleet({
    judgedAtMs,
    clock: createPageClock({ nowMs: () => NOW }),
    catalogued: () => (names === undefined ? undefined : new Set(names))
  })

function update(subject: string, fields: Record<string, unknown> = {}, more: Partial<Update> = {}): Update {
  const [kind = '', site = '', csc = '', index, topic = ''] = subject.split('.')
  return {
    subject,
    parts: { class: kind, site, csc, index: Number(index), topic },
    seq: 1,
    time: taiSecondsOf(NOW),
    received: taiSecondsOf(NOW),
    fields,
    snapshot: false,
    uncatalogued: false,
    ...more
  }
}

t.test('a heartbeat and a summary state make a component enabled', async t => {
  const fleet = fleetOf()
  fleet.expect([{ csc: 'MTMount', index: 0 }])
  t.equal(fleet.find('MTMount:0')?.condition.value, 'nodata')
  fleet.apply(update('evt.summit.MTMount.0.summaryState', { summaryState: 2 }))
  t.equal(fleet.find('MTMount:0')?.condition.value, 'silent')
  fleet.apply(update('hb.summit.MTMount.0'))
  t.equal(fleet.find('MTMount:0')?.condition.value, 'enabled')
})

t.test('a heartbeat that was stored long ago does not look fresh', async t => {
  const fleet = fleetOf()
  fleet.apply(update('evt.summit.MTMount.0.summaryState', { summaryState: 2 }))
  fleet.apply(update('hb.summit.MTMount.0', {}, { time: taiSecondsOf(NOW) - 60, snapshot: true }))
  t.equal(fleet.find('MTMount:0')?.condition.value, 'silent')
})

t.test('a heartbeat from the future counts as now, and an older one never undoes a newer', async t => {
  const fleet = fleetOf()
  fleet.apply(update('hb.summit.MTMount.0', {}, { time: taiSecondsOf(NOW) + 500 }))
  t.equal(fleet.find('MTMount:0')?.heartbeatMs.value, NOW)
  fleet.apply(update('hb.summit.MTMount.0', {}, { time: taiSecondsOf(NOW) - 5 }))
  t.equal(fleet.find('MTMount:0')?.heartbeatMs.value, NOW)
})

t.test('a device that no catalogue knows appears with its first message', async t => {
  const fleet = fleetOf(['MTMount'])
  fleet.apply(update('tel.summit.Greenhouse.0.climate', {}, { uncatalogued: true }))
  const model = fleet.find('Greenhouse:0')
  t.equal(model?.condition.value, 'device')
  t.ok(model?.uncatalogued)
  fleet.apply(update('tel.summit.MTMount.0.homeMade', {}, { uncatalogued: true }))
  t.notOk(fleet.find('MTMount:0')?.uncatalogued, 'an unknown topic does not make its component unknown')
})

t.test('changes of state are logged; the first snapshot is no change', async t => {
  const fleet = fleetOf()
  fleet.apply(update('evt.summit.MTDome.0.summaryState', { summaryState: 2 }, { snapshot: true }))
  t.same(fleet.changes.entries.value, [])
  fleet.apply(update('evt.summit.MTDome.0.summaryState', { summaryState: 3 }))
  fleet.apply(update('evt.summit.MTDome.0.summaryState', { summaryState: 3 }))
  t.match(fleet.changes.entries.value, [{ id: 'MTDome:0', before: 2, after: 3 }])
})

t.test('open alarms come with the most severe first; muted ones last, settled ones not at all', async t => {
  const fleet = fleetOf()
  const alarm = (name: string, fields: object) =>
    fleet.apply(update('evt.summit.Watcher.0.alarm', { name, acknowledged: false, ...fields }))
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
  const fleet = fleetOf()
  fleet.apply(update('evt.summit.MTDome.0.summaryState', { summaryState: 'ENABLED' }))
  fleet.apply(update('evt.summit.MTDome.0.errorCode', { errorCode: null }))
  t.equal(fleet.find('MTDome:0')?.summaryState.value, undefined)
  t.equal(fleet.find('MTDome:0')?.error.value, undefined)
})
