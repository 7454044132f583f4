/**
 * Two versions at once: the release that is kept, and what stands here. A small site is taken from the one to the other
 * and back as a rolling update does, and at each step programs with both SDKs watch and command through the gateways of
 * both: client, gateway and producer each of either version. Nothing is lost or comes twice, and log-ins hold.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectBroker } from '@meridian/broker'
import { createTestLog, type ServiceProcess } from '@meridian/testing'
import t, { type Test } from 'tap'
import { bothHalves, type Half } from './mixed-versions/halves.ts'
import { portOf, startDoor, startMixedSite } from './mixed-versions/mixed-site.ts'
import { ask, logIn, makePeople, type Session } from './mixed-versions/people.ts'
import { startWatcher, storedFor, type Watcher } from './mixed-versions/watcher.ts'

t.setTimeout(300_000)

const folder = mkdtempSync(join(tmpdir(), 'meridian-mixed-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const { old, new: fresh } = await bothHalves(folder)
const site = await startMixedSite(t)
await site.makeStreams(old)
await site.start(fresh, 'simulator')

let api = await site.start(old, 'api')
let commander = await site.start(old, 'commander')
let producer = await site.start(old, 'producer')
const gateways = { old: await site.start(old, 'gateway'), new: await site.start(fresh, 'gateway') }
const apiDoor = await startDoor(t, api)
const apiAt = `http://127.0.0.1:${apiDoor.port}`
const personalToken = await makePeople(api)
const place = { gateway: gateways.old, api: apiAt, personalToken }
const watchers = [await startWatcher(t, old, place), await startWatcher(t, fresh, place)]
let session = await logIn(apiAt, 'ada')

/** Through the old gateway and the new one in turn: a command that begins at the one has its end at the other. */
async function useBothGateways(t: Test): Promise<void> {
  for (const watcher of watchers)
    for (const name of ['old', 'new'] as const) {
      await watcher.moveTo(gateways[name], `gateway-${name}`)
      await slewsAcross(t, watcher, name === 'old' ? 'new' : 'old')
    }
}

async function slewsAcross(t: Test, watcher: Watcher, to: 'old' | 'new'): Promise<void> {
  const { accepted, state } = watcher.slew()
  await accepted
  await watcher.moveTo(gateways[to], `gateway-${to}`)
  t.equal(await state, 'complete', `the ${watcher.half.name} SDK, to the ${to} gateway`)
}

/** What the api of before gave is taken by the api of now and by both gateways, and the session goes on. */
async function sessionHolds(t: Test, { token, refresh }: Session): Promise<void> {
  t.match(await ask(apiAt, 'me', token), { name: 'ada' })
  for (const gateway of Object.values(gateways)) t.equal(await letsIn(gateway, token), 200)
  t.equal(await letsIn(gateways.new, `${token}x`), 401)
  session = await ask<Session>(apiAt, 'session/refresh', '', { refresh })
  for (const gateway of Object.values(gateways)) t.equal(await letsIn(gateway, session.token), 200)
}

async function letsIn({ address }: ServiceProcess, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${address}/live/events?topics=evt.>`, { headers })
  await answer.body?.cancel()
  return answer.status
}

/** Streams step, producer, commander with a command under way, api: each of the other version. */
async function goTo(t: Test, half: Half): Promise<void> {
  const [watcher] = watchers as [Watcher]
  await site.makeStreams(half)
  producer = await site.replace(producer, half, 'producer')
  const { accepted, state } = watcher.slew()
  await accepted
  commander = await site.replace(commander, half, 'commander')
  t.equal(await state, 'complete', 'what one commander began, whichever ends it')
  const before = api
  api = await site.start(half, 'api')
  apiDoor.aim(portOf(api))
  before.child.kill('SIGTERM')
  t.equal(await before.gone, 0)
}

t.test('the new gateway and SDK with all else old', useBothGateways)
t.test('an update, with everything under way', t => goTo(t, fresh))
t.test('the old gateway and SDK with all else new', useBothGateways)
t.test('log-ins hold over the update', t => sessionHolds(t, session))
t.test('the way back, with everything under way', t => goTo(t, old))
t.test('all as before, on streams of the new version', useBothGateways)
t.test('log-ins hold over the way back', t => sessionHolds(t, session))

t.test('a gateway that ends asks clients of either version to move, and they do', async t => {
  for (const watcher of watchers) await watcher.moveTo(gateways.old, 'gateway-old')
  const moving = watchers.map(watcher => watcher.isAskedTo(gateways.new, 'gateway-new'))
  gateways.old.child.kill('SIGTERM')
  await Promise.all(moving)
  t.equal(await gateways.old.gone, 0)
})

t.test('nobody has lost anything, nor got anything twice', async t => {
  const broker = await connectBroker({ servers: site.nats.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  for (const { half, outcomes, received, sentTimes } of watchers) {
    t.same([...new Set(outcomes)], ['resumed'], `${half.name}: each cursor was taken`)
    for (const [stream, got] of Object.entries(received())) {
      t.ok(got.length > (stream === 'TEL' ? 100 : 5), `${half.name}: ${got.length} of ${stream}`)
      t.same(got, await storedFor(broker, stream as 'TEL' | 'EVT', got), `${half.name}: ${stream}`)
    }
    const times = sentTimes()
    t.equal(new Set(times).size, times.length, 'what two producers publish is stored once')
  }
})
