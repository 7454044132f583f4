import t from 'tap'
import { createStateLog, type StateEvent } from './state-log.ts'

const state = (id: string, summaryState: unknown, time: number): StateEvent => ({
  subject: `evt.summit.${id.replace(':', '.')}.summaryState`,
  time,
  received: time,
  fields: { summaryState }
})

const life = (component: string, alive: boolean, time: number): StateEvent => ({
  subject: `evt.summit.Liveness.0.component.${component}=2E0`,
  time,
  received: time,
  fields: { component, index: 0, alive }
})

const shown = (log: ReturnType<typeof createStateLog>) =>
  log.entries.value.map(({ id, before, after, time }) => `${time} ${id} ${before ?? ''}>${after}`)

t.test('the record, newest first, and what comes live are one list without repetition', async t => {
  const log = createStateLog()
  log.add(state('A:0', 3, 40))
  const record = [state('B:0', 5, 10), state('A:0', 2, 20), life('B', false, 30), state('A:0', 3, 40)]
  log.recall(record)
  log.recall(record)
  t.same(shown(log), ['40 A:0 enabled>fault', '30 B:0 standby>silent', '20 A:0 >enabled', '10 B:0 >standby'])
  t.match(log.add(life('B', true, 50)), { id: 'B:0', after: 'standby', isBack: true })
  t.equal(log.add(life('B', true, 50)), undefined)
})

t.test('what was heard at one moment stands in the order of the record', async t => {
  const log = createStateLog()
  log.add(state('A:0', 2, 10))
  log.recall([state('A:0', 5, 10), state('A:0', 1, 10), state('A:0', 2, 10)])
  t.same(shown(log), ['10 A:0 disabled>enabled', '10 A:0 standby>disabled', '10 A:0 >standby'])
})

t.test('what came while the record was read, and what it does not hold any more, stays', async t => {
  const log = createStateLog()
  log.add(state('Old:0', 2, 1))
  log.add(state('A:0', 3, 30))
  log.recall([state('A:0', 2, 20)])
  t.same(shown(log), ['30 A:0 enabled>fault', '20 A:0 >enabled', '1 Old:0 >enabled'])
})

t.test('what says again what is known is no change', async t => {
  const log = createStateLog()
  log.recall([state('A:0', 2, 10), life('A', true, 11)])
  t.equal(log.add(state('A:0', 2, 12)), undefined)
  t.equal(log.add(life('A', true, 13)), undefined)
  t.ok(log.add(life('A', false, 14)))
  t.equal(log.add(life('A', false, 15)), undefined, 'two commanders may say it')
})

t.test('a state that SAL does not have, and any other event, are left out', async t => {
  const log = createStateLog()
  log.recall([state('A:0', 9, 10), state('A:0', 'ENABLED', 11), { ...state('A:0', 2, 12), subject: 'a.b' }])
  t.same(shown(log), [])
})

t.test('many events leave the newest forty changes', async t => {
  const log = createStateLog()
  log.recall(Array.from({ length: 1000 }, (_, i) => state('A:0', (i % 2) + 1, i)))
  t.equal(shown(log).length, 40)
  t.match(shown(log)[0], /^999 /)
})
