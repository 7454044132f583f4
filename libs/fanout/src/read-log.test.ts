import t from 'tap'
import { createReadLog } from './read-log.ts'

t.test('what was read and is not stored any more is told by subject', t => {
  const log = createReadLog()
  log.note(1, 'evt.a')
  t.equal(log.from, undefined, 'nothing is remembered before it begins')
  log.begin(3)
  for (const [seq, subject] of [
    [3, 'evt.a'],
    [4, 'evt.b'],
    [6, 'evt.a'],
    [7, 'tel.c'],
    [9, 'evt.a']
  ] as const)
    log.note(seq, subject)
  const stored = [{ seq: 3 }]
  t.same(log.missing({ from: 1, to: 20 }, ['evt.>'], stored), [
    { subject: 'evt.b', from: 4, to: 4 },
    { subject: 'evt.a', from: 6, to: 9 }
  ])
  t.same(log.missing({ from: 1, to: 20 }, [], stored).length, 3, 'no filter: all')
  t.same(log.missing({ from: 4, to: 4 }, ['evt.a'], []), [])
  log.clear()
  t.same(log.missing({ from: 1, to: 20 }, [], []), [])
  t.end()
})

t.test(
  'the past before the begin has holes, and a limit explains those behind which a subject is full',
  t => {
    const log = createReadLog()
    log.begin(10)
    log.prepend(
      5,
      [
        { seq: 6, subject: 'evt.busy' },
        { seq: 8, subject: 'evt.busy' }
      ],
      11
    )
    t.equal(log.from, 5)
    log.note(10, 'evt.busy')
    log.note(11, 'evt.quiet')
    t.same(log.unexplained(4), [5, 7, 9], 'no subject has four')
    t.same(log.unexplained(3), [7, 9], 'of busy three stand behind 5')
    t.same(log.unexplained(2), [9])
    t.same(log.unexplained(1), [])
    t.end()
  }
)

t.test('a limit that works by what is not read yet explains holes as well', t => {
  const log = createReadLog()
  log.begin(10)
  log.prepend(
    5,
    [
      { seq: 6, subject: 'evt.busy' },
      { seq: 8, subject: 'evt.busy' }
    ],
    11
  )
  t.same(log.unexplained(3), [9], 'one more of busy may be on its way')
  log.note(10, 'evt.quiet')
  log.note(11, 'evt.quiet')
  t.same(log.unexplained(3), [5, 7, 9])
  t.end()
})

t.test('a million messages are remembered, the newest', t => {
  const log = createReadLog()
  log.begin(1)
  for (let seq = 1; seq <= 1_200_000; seq++) log.note(seq, seq % 2 === 0 ? 'evt.a' : 'evt.b')
  t.ok((log.from ?? 0) > 100_000 && (log.from ?? 0) < 200_000, `from ${log.from}`)
  t.same(log.missing({ from: 1, to: 1_200_000 }, ['evt.a'], []), [
    { subject: 'evt.a', from: log.from, to: 1_200_000 }
  ])
  log.note(9_000_000, 'evt.a')
  t.ok((log.from ?? 0) > 7_900_000)
  t.end()
})
