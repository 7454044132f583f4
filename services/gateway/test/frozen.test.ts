import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { startFrozenSite } from './frozen-site.ts'

t.test('a door that still waits hears that its command was too late, and a stop goes out', async t => {
  const site = await startFrozenSite(t, 1)
  const { told, signal, newId, byHttp, byNats } = site
  await site.goesThrough('disable')
  told.length = 0
  signal('SIGSTOP')
  const moving = newId()
  const stopping = newId()
  const answers = Promise.all([byHttp(moving, 'enable'), byHttp(stopping, 'stop'), byNats(newId(), 'stop')])
  // Longer than the event loop of a commander is ever blocked, shorter than the door waits.
  await sleep(2_800)
  signal('SIGCONT')
  const [move, stop, unbounded] = await answers
  t.match(move, { status: 503, error: { code: 'CMD_TOO_LATE', canRetry: true } })
  t.match(stop, { status: 202, state: 'accepted' })
  t.match(unbounded, { error: { code: 'CMD_TOO_LATE' } }, 'nobody knows whether its asker still waits')
  await waitFor(() => told.some(({ id }) => id === stopping), { what: 'the stop is told', timeoutMs: 20_000 })
  t.notOk(await site.isAccepted(moving))
  t.ok(site.commanders.some(({ lines }) => lines.some(line => line.includes('stood still'))))
  t.equal((await byHttp(moving, 'enable')).state, 'accepted', 'asked again under its id it goes')
})
