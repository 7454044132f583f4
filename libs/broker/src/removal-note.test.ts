import t from 'tap'
import { encodeRemovalNote, parseRemovalNote, runsOf } from './removal-note.ts'

t.test('a note comes back as it was written', t => {
  const runs = runsOf([3, 4, 5, 9, 1_000_000, 1_000_001])
  t.same(runs, [
    { from: 3, to: 5 },
    { from: 9, to: 9 },
    { from: 1_000_000, to: 1_000_001 }
  ])
  const note = { stream: 'EVT', epoch: 'e1', subjects: ['evt.summit.MTMount.5.>'], upTo: 1_000_100, runs }
  t.same(parseRemovalNote(encodeRemovalNote(note)), note)
  t.same(parseRemovalNote(encodeRemovalNote({ ...note, runs: [] })), { ...note, runs: [] })
  t.end()
})

t.test('anything else is no note', t => {
  for (const text of [
    '',
    'null',
    '7',
    '{}',
    '{"stream":"EVT","epoch":"e","subjects":[1],"upTo":1,"removed":[]}'
  ])
    t.equal(parseRemovalNote(text), undefined, text)
  const withoutEpoch = '{"stream":"EVT","subjects":[],"upTo":1,"removed":[]}'
  t.equal(parseRemovalNote(withoutEpoch), undefined)
  for (const removed of ['"1",2', '-1,2', '0.5,2'])
    t.equal(
      parseRemovalNote(`{"stream":"EVT","epoch":"e","subjects":[],"upTo":1,"removed":[${removed}]}`),
      undefined
    )
  t.end()
})
