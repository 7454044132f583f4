import { append, lastMessage } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { heartbeatOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import { systemClock } from '@meridian/time'
import t from 'tap'
import { createHeartbeatMonitor } from '../src/heartbeat-monitor.ts'
import { recordLiveness } from '../src/record-liveness.ts'
import { watchHeartbeats } from '../src/watch-heartbeats.ts'
import { SITE, startComponent } from './harness.ts'

t.test('a judgement that fails once does not end the record of liveness', async t => {
  const { broker, stop } = await startTestSite()
  t.teardown(stop)
  let aheadMs = 0
  let failures = 0
  let mustFail = false
  const steadyMs = (): number => {
    if (mustFail) {
      mustFail = false
      failures++
      throw new Error('no time')
    }
    return systemClock.steadyMs() + aheadMs
  }
  const about = { broker, site: SITE, log: createTestLog() }
  const heard = { ...systemClock, steadyMs: () => systemClock.steadyMs() + aheadMs }
  const heartbeats = createHeartbeatMonitor(heard)
  const parts = [
    watchHeartbeats({ ...about, heartbeats, clock: heard }),
    recordLiveness({ ...about, name: 'test', clock: { ...systemClock, steadyMs }, heartbeats })
  ]
  for (const part of parts) {
    await part.start()
    t.teardown(() => part.stop(0))
  }
  const camera = startComponent(broker, 'ATCamera', 0)
  const dome = startComponent(broker, 'ATDome', 0)
  t.teardown(() => dome.stop())
  await waitFor(() => heartbeats.alive('ATCamera', 0), { what: 'the camera is heard' })
  mustFail = true
  await waitFor(() => failures === 1, { what: 'a judgement fails' })
  camera.stop()
  aheadMs = 20_000
  const subject = `evt.${SITE}.Liveness.0.component.ATCamera=2E0`
  await waitFor(async () => await lastMessage(broker, 'EVT', subject), {
    what: 'the silence is recorded',
    everyMs: 100,
    timeoutMs: 30_000
  })
  t.equal(heartbeats.alive('ATDome', 0), true)
})

t.test('what is no heartbeat keeps no component alive', async t => {
  const { broker, stop } = await startTestSite()
  t.teardown(stop)
  const heartbeats = createHeartbeatMonitor(systemClock)
  const subject = heartbeatOf({ site: SITE, csc: 'ATCamera', index: 0 })
  const noBeats = ['', '{"error":{"code":404}}', 'beat']
  await append(broker, { subject, data: noBeats[1] as string })
  const part = watchHeartbeats({ broker, site: SITE, heartbeats, clock: systemClock, log: createTestLog() })
  await part.start()
  t.teardown(() => part.stop(0))
  for (const data of noBeats) broker.publish(subject, data)
  const dome = startComponent(broker, 'ATDome', 0)
  t.teardown(() => dome.stop())
  await waitFor(() => heartbeats.alive('ATDome', 0), { what: 'a heartbeat behind them is heard' })
  t.equal(heartbeats.ageMs('ATCamera', 0), undefined)
  t.equal(broker.stats().callbackErrors, noBeats.length)
})
