import t from 'tap'
import { ask, newId, stagesOf, stagesToEnd, startCommandedSite, startCommander } from './harness.ts'

const REPLY = { REPLY_MS: '20000' }
/** A busy machine may take longer than the usual ten seconds for a hundred commands. */
const notAfterSeconds = 120
/** Less than a long move takes. */
const SHORT = { DRAIN_MS: '4000' }
const { nats, broker, pair, executionsOf, heard, askUntilAccepted } = await startCommandedSite(t, REPLY)
const move = { csc: 'MTMount', command: 'moveToTarget' }

t.test('SIGTERM: what was asked is answered, what runs is followed to its end, exit 0', async t => {
  const running = newId()
  await ask(broker, move, { id: running, params: { azimuth: 1_500, elevation: 60 } })
  const { owner: leaving } = await pair.ownerOf(running)
  const ids = Array.from({ length: 100 }, newId)
  const asked = ids.map(id => ask(broker, { csc: 'ATDome', command: 'disable' }, { id, notAfterSeconds }))
  leaving.child.kill('SIGTERM')
  const answers = await Promise.all(asked)
  t.ok(
    answers.every(({ state }) => state === 'accepted'),
    'nothing is refused or lost'
  )
  t.equal(await leaving.gone, 0)
  const states = await Promise.all(ids.map(async id => (await stagesToEnd(broker, id)).at(-1)?.state))
  t.strictSame([...new Set(states)], ['complete'])
  const stages = await stagesOf(broker, running)
  t.equal(stages.at(-1)?.state, 'complete')
  t.equal(new Set(stages.map(({ commander }) => commander)).size, 1, 'by the one that left')
  await pair.stop()
  await pair.refill(SHORT)
})

t.test('SIGTERM with a command that runs too long: it is left open, said so, and adopted', async t => {
  const id = newId()
  await ask(broker, move, { id, params: { azimuth: 9_000, elevation: 60 } })
  const { owner: leaving, otherName } = await pair.ownerOf(id)
  leaving.child.kill('SIGTERM')
  t.equal(await leaving.gone, 0)
  t.ok(leaving.lines.some(line => line.includes('left open') && line.includes(id)))
  t.match((await stagesToEnd(broker, id)).at(-1), { state: 'complete', commander: otherName })
  await pair.stop()
})

t.test(
  'beyond the limit of open commands the answer is overload, and the same id succeeds later',
  async t => {
    const narrow = await startCommander(nats, { ...REPLY, ...SHORT, NAME: 'narrow', MAX_OPEN: '10' })
    t.teardown(() => narrow.stop())
    await heard()
    const ids = Array.from({ length: 60 }, newId)
    const answers = await Promise.all(
      ids.map(id => ask(broker, { csc: 'MTPtg', command: 'disable' }, { id }))
    )
    const refused = answers.filter(({ error }) => error?.code === 'CMD_OVERLOAD')
    t.ok(refused.length > 0 && refused.length < 60, `${refused.length} of 60 refused`)
    t.match(refused[0]?.error, { canRetry: true, facts: { limit: 10, retryAfterSeconds: 1 } })
    await Promise.all(ids.map(id => askUntilAccepted('MTPtg', id)))
    for (const id of ids) {
      t.equal((await stagesToEnd(broker, id)).at(-1)?.state, 'complete')
      t.equal(executionsOf(id), 1)
    }
    await narrow.stop()
  }
)
