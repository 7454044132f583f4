import t from 'tap'
import { parseIsoTime } from './iso-time.ts'

t.test('an ISO time is UTC unless it names a zone', async t => {
  const day = Date.UTC(2026, 10, 1)
  for (const [text, wanted] of [
    ['2026-11-01', day],
    ['2026-11-01T00:00', day],
    ['2026-11-01T00:00:00Z', day],
    ['2026-11-01 00:00:00.250', day + 250],
    ['2026-11-01T03:00:00+03:00', day],
    ['2026-10-31T20:30:00-0330', day],
    ['2024-02-29T23:59:59.999Z', Date.UTC(2024, 1, 29, 23, 59, 59, 999)],
    ['1970-01-01T00:00:00Z', 0]
  ] as const)
    t.equal(parseIsoTime(text), wanted, text)
})

t.test('a day or an hour that does not exist is none, and is not carried over to the next', async t => {
  for (const text of [
    '2026-02-29',
    '2026-02-30',
    '2026-02-30T12:00:00Z',
    '2026-04-31T00:00:00',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '2026-11-01T24:00:00Z',
    '2026-11-01T12:60:00Z',
    '2026-11-01T12:00:60Z',
    '2026-11-01T12:00:00+24:00',
    '2026-11-01T12:00:00+00:60'
  ])
    t.equal(parseIsoTime(text), undefined, text)
})

t.test('what is no ISO time is none', async t => {
  for (const text of [
    '',
    'soon',
    '12/31/2025',
    '2026',
    '2026-11',
    '2026-11-1',
    '1e9',
    '2026-11-01T',
    ' 2026-11-01'
  ])
    t.equal(parseIsoTime(text), undefined, text)
})
