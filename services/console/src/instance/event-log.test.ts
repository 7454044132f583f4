import t from 'tap'
import { createEventLog, type LiveEvent } from './event-log.ts'
import { severityOf } from './event-severity.ts'

/** An event as the gateway gives it: received when it was stamped, unless `more` says otherwise. */
function update(subject: string, fields: Record<string, unknown>, more: Partial<LiveEvent> = {}): LiveEvent {
  const [kind = '', site = '', csc = '', index, topic = ''] = subject.split('.')
  const parts = { class: kind, site, csc, index: Number(index), topic }
  const time = more.time ?? 100
  return { subject, parts, seq: 1, time, received: time, fields, snapshot: false, ...more }
}

/** The same event as the record of the api has it. */
const recorded = (subject: string, fields: Record<string, unknown>, time: number, received = time) => ({
  subject,
  time,
  received,
  fields
})

t.test('severity follows level, state and name', async t => {
  t.equal(severityOf('logMessage', { level: 10 }), 'debug')
  t.equal(severityOf('logMessage', { level: 35 }), 'warning')
  t.equal(severityOf('logMessage', { level: 50 }), 'critical')
  t.equal(severityOf('summaryState', { summaryState: 3 }), 'critical')
  t.equal(severityOf('errorCode', { errorCode: 0 }), 'info')
  t.equal(severityOf('forceActuatorWarning', { majorFault: true }), 'warning')
  t.equal(severityOf('forceActuatorWarning', { majorFault: [false, false] }), 'info', 'all is well again')
  t.equal(severityOf('faultLimitsConfiguration', {}), 'info', 'a setting is no fault')
})

t.test('the log is newest first, holds still when paused and forgets nothing meanwhile', async t => {
  const log = createEventLog()
  log.add(update('evt.s.M.0.a', {}, { seq: 1, time: 10 }))
  log.add(update('evt.s.M.0.b', {}, { seq: 2, time: 5, snapshot: true }))
  log.show()
  t.same(
    log.shown.value.map(entry => entry.topic),
    ['a', 'b']
  )
  log.paused.value = true
  log.add(update('evt.s.M.0.c', {}, { seq: 3, time: 11 }))
  log.show()
  t.equal(log.shown.value.length, 2)
  t.equal(log.missed.value, 1)
  log.resume()
  t.same(
    log.shown.value.map(entry => entry.topic),
    ['c', 'a', 'b']
  )
})

t.test(
  'a topic that speaks many times a second has few lines, of which the last counts; log messages keep theirs',
  async t => {
    const log = createEventLog()
    for (let i = 0; i < 20; i++) log.add(update('evt.s.M.0.target', { i }, { seq: i, time: i * 0.05 }))
    for (let i = 0; i < 3; i++)
      log.add(update('evt.s.M.0.logMessage', { message: `m${i}` }, { seq: 50 + i, time: 0.1 }))
    log.show()
    t.same(
      log.shown.value.map(entry => `${entry.topic} ${entry.count}`),
      [
        'target 16',
        'target 1',
        'logMessage 1',
        'logMessage 1',
        'logMessage 1',
        'target 1',
        'target 1',
        'target 1'
      ]
    )
  }
)

t.test('a last value given again after a reconnection is not a second event', async t => {
  const log = createEventLog()
  log.add(update('evt.s.M.0.a', {}, { seq: 7 }))
  log.add(update('evt.s.M.0.a', {}, { seq: 7, snapshot: true }))
  log.show()
  t.equal(log.shown.value.length, 1)
})

const linesOf = (log: ReturnType<typeof createEventLog>): readonly string[] => {
  log.show()
  return log.shown.value.map(({ topic, count, received }) => `${topic} ${count} ${received}`)
}

t.test('the order is that of receipt: a stamp of the future does not stay on top', async t => {
  const log = createEventLog()
  log.add(update('evt.s.M.0.a', {}, { seq: 1, time: 3700, received: 100 }))
  log.add(update('evt.s.M.0.b', {}, { seq: 2, time: 101 }))
  t.same(linesOf(log), ['b 1 101', 'a 1 100'])
})

t.test('the record fills the log, and what came live as well stands there once', async t => {
  const log = createEventLog()
  log.add(update('evt.s.M.0.logMessage', { m: 'last' }, { seq: 7, time: 50, snapshot: true }))
  log.add(update('evt.s.M.0.logMessage', { m: 'live' }, { seq: 9, time: 60 }))
  log.addRecorded([
    recorded('evt.s.M.0.logMessage', { m: 'live' }, 60),
    recorded('evt.s.M.0.logMessage', { m: 'last' }, 50),
    recorded('evt.s.M.0.logMessage', { m: 'before' }, 40)
  ])
  t.same(linesOf(log), ['logMessage 1 60', 'logMessage 1 50', 'logMessage 1 40'])
  log.add(update('evt.s.M.0.logMessage', { m: 'last' }, { seq: 7, time: 50, snapshot: true }))
  t.equal(linesOf(log).length, 3, 'nor a second time after a reconnection')
})

t.test('what JSON writes as text is the same event all the same', async t => {
  const log = createEventLog()
  log.add(update('evt.s.M.0.a', { x: Number.NaN, id: 9007199254740993n }, { snapshot: true }))
  log.addRecorded([recorded('evt.s.M.0.a', { x: 'NaN', id: '9007199254740993' }, 100)])
  t.equal(linesOf(log).length, 1)
})

t.test('two events of one moment that differ are two', async t => {
  const log = createEventLog()
  log.add(update('evt.s.M.0.logMessage', { m: 1 }, { snapshot: true }))
  log.addRecorded([
    recorded('evt.s.M.0.logMessage', { m: 1 }, 100),
    recorded('evt.s.M.0.logMessage', { m: 2 }, 100)
  ])
  t.equal(linesOf(log).length, 2)
})

t.test('a topic that spoke many times a second has few lines in the past too', async t => {
  const log = createEventLog()
  const past = Array.from({ length: 20 }, (_, i) => recorded('evt.s.M.0.target', { i }, i * 0.05))
  log.add(update('evt.s.M.0.target', { i: 19 }, { time: 19 * 0.05, snapshot: true }))
  log.addRecorded(past.reverse())
  t.same(linesOf(log).length, 5)
  t.equal(log.shown.value[0]?.count, 16)
})

t.test('after a loss only what was received meanwhile is taken from the record', async t => {
  const log = createEventLog()
  for (let i = 0; i < 3; i++) log.add(update('evt.s.M.0.target', { i }, { seq: i, time: i * 0.1 }))
  t.equal(log.newest(), 0.2)
  log.addRecorded(
    [recorded('evt.s.M.0.missed', {}, 9), recorded('evt.s.M.0.target', { i: 0 }, 0)],
    log.newest()
  )
  t.same(linesOf(log), ['missed 1 9', 'target 1 0.2', 'target 1 0.1', 'target 1 0'])
})

t.test('an event of a script names its topic', async t => {
  const log = createEventLog()
  log.addRecorded([recorded('script.s.1.100.state', { state: 3 }, 5)])
  t.same(linesOf(log), ['state 1 5'])
})

/** Lines as a person reads them, newest first. */
const readLines = (log: ReturnType<typeof createEventLog>): readonly string[] => {
  log.show()
  return log.shown.value.map(
    ({ topic, count, differ, fields }) =>
      `${topic} ×${count}${differ ? ' differ' : ''} ${JSON.stringify(fields)}`
  )
}

const DOOR = 'evt.s.M.0.door'

t.test('opposite values within a second each have their line, live and from the record', async t => {
  const expected = ['door ×1 {"open":false}', 'door ×2 {"open":true}']
  const live = createEventLog()
  for (const [seq, open] of [true, true, false].entries())
    live.add(update(DOOR, { open }, { seq, time: 10 + seq * 0.1 }))
  t.same(readLines(live), expected)
  const past = createEventLog()
  past.addRecorded([
    recorded(DOOR, { open: false }, 10.2),
    recorded(DOOR, { open: true }, 10.1),
    recorded(DOOR, { open: true }, 10)
  ])
  t.same(readLines(past), expected)
})

t.test('where very many come that differ, the line that stands for several says so', async t => {
  const log = createEventLog()
  for (let i = 0; i < 44; i++) log.add(update(DOOR, { open: i % 2 === 0 }, { seq: i, time: 10 + i * 0.05 }))
  t.same(readLines(log), [
    'door ×40 differ {"open":false}',
    'door ×1 {"open":false}',
    'door ×1 {"open":true}',
    'door ×1 {"open":false}',
    'door ×1 {"open":true}'
  ])
  log.add(update(DOOR, { open: true }, { seq: 44, time: 14 }))
  t.equal(readLines(log)[0], 'door ×1 {"open":true}', 'after a silence of a second lines are its own again')
})

t.test('a line that stands for several is as severe as the worst of them', async t => {
  const log = createEventLog()
  for (let i = 0; i < 9; i++)
    log.add(update('evt.s.M.0.aWarning', { a: i < 6, b: i }, { seq: i, time: 10 + i * 0.05 }))
  log.show()
  t.equal(log.shown.value[0]?.severity, 'warning')
})

t.test('what a line stands for already is not taken from the record again', async t => {
  const log = createEventLog()
  for (const seq of [1, 2, 3]) log.add(update(DOOR, { open: true }, { seq, time: 10 + seq * 0.1 }))
  log.addRecorded([10.3, 10.2, 10.1].map(time => recorded(DOOR, { open: true }, time)))
  t.same(readLines(log), ['door ×3 {"open":true}'])
})

t.test('a last value that gave way to the record takes no other line with it', async t => {
  const log = createEventLog()
  log.add(update(DOOR, { open: true }, { seq: 1, time: 10, snapshot: true }))
  log.addRecorded([recorded(DOOR, { open: true }, 10), recorded('evt.s.M.0.other', {}, 5)])
  log.add(update(DOOR, { open: true }, { seq: 2, time: 10.5 }))
  t.same(readLines(log), ['door ×1 {"open":true}', 'door ×1 {"open":true}', 'other ×1 {}'])
})
