import { waitFor } from '@meridian/testing'
import t from 'tap'
import { type Outcome, startAt, startFrozenSite } from '../test/frozen-site.ts'
import { LiveClient } from '../test/live-client.ts'

t.setTimeout(180_000)

t.test(
  'what was asked while both commanders stood still is never executed, once the doors said so',
  async t => {
    const site = await startFrozenSite(t, 2)
    const { broker, told, signal, beat, newId, byHttp, byNats, goesThrough, isAccepted } = site
    const gateway = await startAt(site.natsUrl, 'gateway')
    t.teardown(() => gateway.stop())
    const live = await LiveClient.open(Number(new URL(gateway.address).port), 'json')
    t.teardown(() => live.ws.terminate())
    const byFrame = async (id: string, command: string): Promise<Outcome> => {
      live.send({ op: 'command', id, csc: 'MTMount', index: 0, command, params: {} })
      const answer = await waitFor(() => live.all('command').find(record => record.id === id), {
        what: 'the answer of the gateway',
        timeoutMs: 20_000
      })
      return 'error' in answer ? { error: answer.error } : answer.accepted
    }
    await goesThrough('disable')
    told.length = 0
    signal('SIGSTOP')
    // The commanders read it before the commands: that the mount was not heard is no reason to refuse them.
    beat()
    await broker.flush()
    const asked = Array.from({ length: 6 }, newId)
    const doors = [byHttp, byFrame, byNats]
    const outcomes = await Promise.all(asked.map((id, i) => (doors[i % 3] ?? byHttp)(id, 'enable')))
    for (const [i, { status, error }] of outcomes.entries()) {
      t.equal(error?.code, 'BRK_TIMEOUT')
      if (i % 3 === 0) t.equal(status, 504)
      if (i % 3 !== 2) t.equal(error?.facts?.['id'], asked[i], 'by this id it can be looked up')
    }
    signal('SIGCONT')
    const after = await goesThrough('disable')
    t.same(
      told.map(({ id }) => id),
      [after],
      'only what was asked afterwards'
    )
    for (const id of asked) t.notOk(await isAccepted(id))
  }
)
