import t from 'tap'
import { createEventLog } from './event-log.ts'
import { gapOf, gapText, type LogGap, withGaps } from './log-gaps.ts'

const event = (topic: string, received: number) => ({
  subject: `evt.s.M.0.${topic}`,
  time: received,
  received,
  fields: { received }
})

const FROM_THE_START = Number.NEGATIVE_INFINITY

/** What stands in a log of such events, newest first: topics and gaps. */
function linesOf(events: readonly ReturnType<typeof event>[], gaps: readonly LogGap[]): readonly string[] {
  const log = createEventLog()
  log.addRecorded(events)
  log.show()
  return withGaps(log.shown.value, gaps).map(item => ('topic' in item ? item.topic : 'gap'))
}

t.test('a list that goes back to where the record begins leaves nothing out', async t => {
  t.equal(gapOf([{ events: [event('a', 5)], complete: true }], FROM_THE_START), undefined)
})

t.test('a list that ends early leaves out what came before its oldest event', async t => {
  const answer = { events: [event('a', 9), event('a', 5)], complete: false }
  t.same(gapOf([answer], FROM_THE_START), { after: FROM_THE_START, before: 5 })
  t.same(gapOf([answer], 3), { after: 3, before: 5 }, 'after a loss, what came between')
  t.equal(gapOf([answer], 5), undefined, 'it reaches back far enough')
})

t.test('of two records the one that is known for the shorter time decides', async t => {
  const busy = { events: [event('a', 9)], complete: false }
  const quiet = { events: [event('b', 4)], complete: false }
  t.equal(gapOf([busy, quiet], FROM_THE_START)?.before, 9)
  t.equal(gapOf([busy, { ...quiet, complete: true }], FROM_THE_START)?.before, 9)
})

t.test('a gap stands above the last values of what it leaves out', async t => {
  const events = [event('c', 9), event('b', 5), event('lastOfOther', 1)]
  t.same(linesOf(events, [{ after: FROM_THE_START, before: 5 }]), ['c', 'b', 'gap', 'lastOfOther'])
  t.same(
    linesOf(events, [
      { after: FROM_THE_START, before: 5 },
      { after: 6, before: 9 }
    ]),
    ['c', 'gap', 'b', 'gap', 'lastOfOther']
  )
  t.same(linesOf(events, [{ after: FROM_THE_START, before: 1 }]), ['c', 'b', 'lastOfOther', 'gap'])
})

t.test('a gap says from when until when', async t => {
  const tai = Date.UTC(2026, 0, 1, 8, 39, 25) / 1000 + 37
  t.match(gapText({ after: FROM_THE_START, before: tai }), /^Before 08:39:25\.000 UTC not all/)
  t.match(gapText({ after: tai - 60, before: tai }), /^Between 08:38:25\.000 and 08:39:25\.000 UTC/)
})
