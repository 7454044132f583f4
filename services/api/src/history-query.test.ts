import t from 'tap'
import { createBuckets } from './buckets.ts'
import { parseHistoryQuery } from './history-query.ts'

const clock = { nowMs: () => 1_795_000_000_000, taiSeconds: () => 1_795_000_037 }
const texts = { topic: 'tel.summit.MTMount.0.azimuth', field: 'position' }
const parse = (more: object) => parseHistoryQuery({ ...texts, ...more }, 'summit', clock)

t.test('without a range it is the last ten minutes in 600 buckets', async t => {
  t.match(parse({}), {
    from: 1_795_000_037 - 600,
    to: 1_795_000_037,
    points: 600,
    name: 'position',
    element: undefined
  })
})

t.test('an instant is TAI seconds, or an ISO time that is UTC unless it says otherwise', async t => {
  t.equal(parse({ from: '1794999000.25' }).from, 1_794_999_000.25)
  const utc = Date.UTC(2026, 10, 1) / 1000
  t.equal(parse({ from: '2026-11-01T00:00:00' }).from, utc + 37)
  t.equal(parse({ from: '2026-11-01T00:00:00Z' }).from, utc + 37)
  t.equal(parse({ from: '2026-11-01T03:00:00+03:00' }).from, utc + 37)
  for (const from of ['soon', '', '1e9', '-5', '12/31/2025'])
    t.throws(() => parse({ from }), { code: 'API_BAD_RANGE' })
})

t.test('an element of an array is named in brackets', async t => {
  t.match(parse({ field: 'force[12]' }), { name: 'force', element: 12, field: 'force[12]' })
})

t.test('buckets hold the edge of the range, and leave out NaN and what lies outside', async t => {
  const buckets = createBuckets(0, 10, 5)
  for (const [time, value] of [
    [-1, 9],
    [0, 1],
    [1.9, 3],
    [2, -1],
    [3, Number.NaN],
    [10, 7],
    [10.1, 9]
  ] as const)
    buckets.add(time, value)
  t.same(buckets.list(), [
    [0, 1, 3, 2],
    [2, -1, -1, 1],
    [8, 7, 7, 1]
  ])
})

t.test('an infinity stays a number in JSON', async t => {
  const buckets = createBuckets(0, 1, 1)
  buckets.add(0, Number.POSITIVE_INFINITY)
  buckets.add(0, Number.NEGATIVE_INFINITY)
  t.same(JSON.parse(JSON.stringify(buckets.list())), [[0, -Number.MAX_VALUE, Number.MAX_VALUE, 2]])
})
