import { lastMessage } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { createService, parseConfig } from '@meridian/service'
import { inboxPrefixOf } from '@meridian/subjects'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { commanderParts } from '../src/commander.ts'
import { spec } from '../src/config.ts'
import { ask, SITE, stagesToEnd, startComponent } from '../test/harness.ts'

t.setTimeout(120_000)
const { nats, broker, stop } = await startTestSite()
t.teardown(stop)
const log = createTestLog()
const config = parseConfig(spec, { NATS_URL: nats.url, SITE, REPLY_MS: '1000' })
// In this process, whose clock the test sets.
const commander = createService({
  ...{ name: 'commander', description: spec.summary, config, log, inboxPrefix: inboxPrefixOf('commander') },
  parts: () => commanderParts(config, log)
})
await commander.start()
t.teardown(() => commander.stop())

t.test('a clock that is set back an hour keeps nothing alive and no command open', async t => {
  const mount = startComponent(broker, 'MTMount', 0, () => undefined)
  const dome = startComponent(broker, 'MTDome', 0, () => undefined)
  t.teardown(() => [mount, dome].map(one => one.stop()))
  const move = { csc: 'MTMount', command: 'moveToTarget' }
  await waitFor(async () => (await ask(broker, move)).state === 'accepted', { what: 'the mount is heard' })
  const { id: before = '' } = await ask(broker, move)
  const { now } = Date
  t.teardown(() => Object.assign(Date, { now }))
  Date.now = () => now() - 3_600_000
  t.equal((await stagesToEnd(broker, before)).at(-1)?.state, 'noack', 'what was open ends in its time')
  const { id: after = '' } = await ask(broker, move)
  t.equal((await stagesToEnd(broker, after)).at(-1)?.state, 'noack')
  mount.stop()
  await waitFor(async () => (await ask(broker, move)).error?.code === 'CMD_OFFLINE', {
    what: 'the mount is offline',
    timeoutMs: 20_000
  })
  const silent = `evt.${SITE}.Liveness.0.component.MTMount=2E0`
  await waitFor(() => lastMessage(broker, 'EVT', silent), {
    what: 'its silence is recorded',
    timeoutMs: 30_000
  })
})
