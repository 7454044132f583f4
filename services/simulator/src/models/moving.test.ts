import type { ExecReply } from '@meridian/protocol/commands'
import t from 'tap'
import { simulateOffline } from '../../test/simulate-offline.ts'

const MOUNT = { csc: 'MTMount', index: 0 }
const DOME = { csc: 'MTDome', index: 0 }
const acks = (replies: readonly ExecReply[]): number[] => replies.map(({ ack }) => ack)

t.test('the mount goes where it is told, and every topic tells the same', async t => {
  const offline = simulateOffline({ instances: [MOUNT] })
  offline.run(8)
  const replies = offline.command('MTMount:0', 'moveToTarget', { azimuth: 12, elevation: 70 })
  t.equal(replies[0]?.ack, 301)
  t.ok((replies[0]?.timeout ?? 0) > 3 && (replies[0]?.timeout ?? 0) < 30)
  offline.run(1)
  t.equal(offline.last('evt.azimuthMotionState')['state'], 2, 'moving point to point')
  t.equal(offline.last('evt.azimuthInPosition')['inPosition'], false)
  offline.run(12)
  t.strictSame(acks(replies), [301, 303])
  t.equal(offline.last('evt.azimuthInPosition')['inPosition'], true)
  const azimuth = offline.last('tel.azimuth')
  t.ok(Math.abs(Number(azimuth['actualPosition']) - 12) < 1e-3)
  t.ok(Math.abs(Number((offline.last('tel.encoder')['azimuthEncoderPosition'] as number[])[0]) - 12) < 1e-3)
  t.ok(Math.abs(Number(offline.last('tel.elevation')['actualPosition']) - 70) < 1e-3)
})

t.test('stop overtakes a running move: the move is aborted, stop completes, the mount stands', async t => {
  const offline = simulateOffline({ instances: [MOUNT] })
  offline.run(8)
  const move = offline.command('MTMount:0', 'moveToTarget', { azimuth: 120, elevation: 70 })
  offline.run(2)
  const stop = offline.command('MTMount:0', 'stop')
  t.strictSame(acks(move), [301, -303])
  offline.run(4)
  t.strictSame(acks(stop), [301, 303])
  const { actualPosition, actualVelocity } = offline.last('tel.azimuth')
  t.equal(actualVelocity, 0)
  t.ok(Number(actualPosition) > 2 && Number(actualPosition) < 60, `at ${actualPosition}`)
})

t.test('a second move supersedes the first', async t => {
  const offline = simulateOffline({ instances: [MOUNT] })
  offline.run(8)
  const first = offline.command('MTMount:0', 'moveToTarget', { azimuth: 60, elevation: 70 })
  offline.run(1)
  const second = offline.command('MTMount:0', 'moveToTarget', { azimuth: -5, elevation: 75 })
  offline.run(15)
  t.strictSame(acks(first), [301, -303])
  t.match(first.at(-1)?.result, /superseded by moveToTarget/)
  t.strictSame(acks(second), [301, 303])
  t.ok(Math.abs(Number(offline.last('tel.azimuth')['actualPosition']) + 5) < 1e-3)
})

t.test('a bad parameter and an unknown command are refused in words', async t => {
  const offline = simulateOffline({ instances: [MOUNT] })
  offline.run(8)
  const tooFar = offline.command('MTMount:0', 'moveToTarget', { azimuth: 400, elevation: 70 })
  t.strictSame(tooFar, [{ ack: -302, error: 1, result: 'Failed: azimuth=400 not in range [-270, 270]' }])
  t.match(
    offline.command('MTMount:0', 'moveToTarget', { azimuth: 'north' })[0]?.result,
    /azimuth is not a number/
  )
  t.strictSame(offline.command('MTMount:0', 'fly')[0]?.result, 'Failed: no such command: fly')
})

t.test('the dome turns the short way, crawls, parks and opens its shutter', async t => {
  const offline = simulateOffline({ instances: [DOME] })
  offline.run(2)
  const turn = offline.command('MTDome:0', 'moveAz', { position: 350, velocity: 0 })
  offline.run(12)
  t.strictSame(acks(turn), [301, 303])
  t.ok(Math.abs(Number(offline.last('tel.azimuth')['positionActual']) - 350) < 0.05)
  t.strictSame(acks(offline.command('MTDome:0', 'crawlAz', { velocity: 0.5 })), [301, 303])
  offline.run(3)
  t.ok(Math.abs(Number(offline.last('tel.azimuth')['velocityActual']) - 0.5) < 1e-6)
  const shutter = offline.command('MTDome:0', 'closeShutter')
  const stop = offline.command('MTDome:0', 'stop', { subSystemIds: 1 })
  offline.run(60)
  t.strictSame(acks(stop), [301, 303])
  t.strictSame(acks(shutter), [301, 303], 'stopping the azimuth leaves the shutter alone')
  t.ok(
    (offline.last('tel.apertureShutter')['positionActual'] as number[]).every(open => Math.abs(open) < 0.01)
  )
})

t.test('the primary mirror goes down and up, and its forces follow the elevation', async t => {
  const offline = simulateOffline({ instances: [{ csc: 'MTM1M3', index: 0 }] })
  offline.run(3)
  const sum = (): number =>
    (offline.last('tel.forceActuatorData')['zForce'] as number[]).reduce((a, b) => a + b, 0)
  const active = sum()
  t.ok(Math.abs(active - 167_000 * Math.sin((80 * Math.PI) / 180)) < 200, `${active} N`)
  t.equal(offline.last('evt.detailedState')['detailedState'], 7)
  t.match(offline.command('MTM1M3:0', 'raiseM1M3')[0]?.result, /the mirror is Active, not Parked/)
  offline.forget()
  const lower = offline.command('MTM1M3:0', 'lowerM1M3')
  offline.run(30)
  t.equal(offline.last('evt.detailedState')['detailedState'], 8)
  t.ok(sum() < 0.6 * active && sum() > 0.4 * active, `${sum()} N half way`)
  offline.run(32)
  t.strictSame(acks(lower), [301, 303])
  t.equal(offline.last('evt.detailedState')['detailedState'], 5)
})
