import t from 'tap'
import { alarmOf } from './alarm.ts'

const raised = { name: 'a', severity: 3, maxSeverity: 3 }
const gone = { name: 'a', severity: 1, maxSeverity: 3 }

t.test("since when an alarm is raised is the Watcher's word, where it gives it", async t => {
  const stamps = { timestampSeverityOldest: 100, timestampSeverityNewest: 150 }
  t.match(alarmOf({ ...raised, ...stamps }, 200), { raised: 100, cleared: undefined })
  t.match(alarmOf({ ...gone, ...stamps }, 200), { raised: 100, cleared: 150 })
})

t.test('where it does not, the events tell', async t => {
  const first = alarmOf({ ...raised, timestampSeverityOldest: 0 }, 200)
  t.match(first, { raised: 200, cleared: undefined })
  const higher = alarmOf({ ...raised, severity: 4 }, 210, first)
  t.match(higher, { raised: 200, cleared: undefined }, 'a higher severity is the same alarm')
  const over = alarmOf(gone, 220, higher)
  t.match(over, { raised: 200, cleared: 220 })
  t.match(alarmOf({ ...gone, acknowledged: true }, 230, over), { raised: 200, cleared: 220 })
  t.match(alarmOf(raised, 300, over), { raised: 300, cleared: undefined }, 'raised anew')
})

t.test('a stamp that is no instant is none: the events tell, and no page fails over it', async t => {
  for (const odd of [1e30, 3e11, Number.POSITIVE_INFINITY, Number.NaN, -1]) {
    t.match(alarmOf({ ...raised, timestampSeverityOldest: odd }, 200), { raised: 200, cleared: undefined })
    t.match(alarmOf({ ...gone, timestampSeverityNewest: odd }, 200), { cleared: 200 })
  }
})
