import t from 'tap'
import { createBuckets } from './buckets.ts'
import { parseHistoryQuery } from './history-query.ts'

const clock = { nowMs: () => 1_795_000_000_000, steadyMs: () => 0, taiSeconds: () => 1_795_000_037 }
const texts = { topic: 'tel.summit.MTMount.0.azimuth', field: 'position' }
const parse = (more: object) => parseHistoryQuery({ ...texts, ...more }, 'summit', clock)

t.test('without a range it is the last ten minutes in 600 buckets', async t => {
  t.match(parse({}), {
    from: 1_795_000_037 - 600,
    to: 1_795_000_037,
    points: 600,
    name: 'position',
    index: undefined
  })
})

t.test('an instant is TAI seconds, or an ISO time that is UTC unless it says otherwise', async t => {
  t.equal(parse({ from: '1794999000.25' }).from, 1_794_999_000.25)
  const utc = Date.UTC(2026, 10, 1) / 1000
  t.equal(parse({ from: '2026-11-01T00:00:00' }).from, utc + 37)
  t.equal(parse({ from: '2026-11-01T00:00:00Z' }).from, utc + 37)
  t.equal(parse({ from: '2026-11-01T03:00:00+03:00' }).from, utc + 37)
  for (const from of ['soon', '', '1e9', '-5', '12/31/2025', '2026-02-30', '999999999999'])
    t.throws(() => parse({ from }), { code: 'API_BAD_RANGE' }, from)
})

t.test('a name of a field is any text, and an element is named apart from it', async t => {
  t.match(parse({ field: 'force', index: '12' }), { name: 'force', index: 12 })
  for (const field of ['force[12]', 'a.b', 'Größe [m/s]', 'x'.repeat(255)])
    t.match(parse({ field }), { name: field, index: undefined })
  t.throws(() => parse({ field: 'ä'.repeat(128) }), {
    code: 'NET_BAD_REQUEST',
    message: /'field' has 256 bytes; expected: at most 255/
  })
  for (const index of ['-1', '1.5', '', 'x', '99999999'])
    t.throws(
      () => parse({ index }),
      { code: 'NET_BAD_REQUEST', message: /'index' is .*; expected: a whole number/ },
      index
    )
})

t.test('buckets hold the edge of the range, and leave out what lies outside', async t => {
  const buckets = createBuckets(0, 10, 5)
  for (const [time, value] of [
    [-1, 9],
    [0, 1],
    [1.9, 3],
    [2, -1],
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

t.test('NaN is counted and widens nothing; a bucket of NaN alone has no extremes', async t => {
  const buckets = createBuckets(0, 3, 3)
  for (const [time, value] of [
    [0, Number.NaN],
    [0.5, Number.NaN],
    [1, Number.NaN],
    [1.5, 4]
  ] as const)
    buckets.add(time, value)
  t.same(buckets.list(), [
    [0, null, null, 2],
    [1, 4, 4, 2]
  ])
})

t.test('an infinity is told by name, and great numbers as they are', async t => {
  const buckets = createBuckets(0, 3, 3)
  for (const [time, value] of [
    [0, Number.POSITIVE_INFINITY],
    [0, Number.NEGATIVE_INFINITY],
    [1, Number.POSITIVE_INFINITY],
    [2, -7.5e177],
    [2, Number.MAX_VALUE]
  ] as const)
    buckets.add(time, value)
  t.same(JSON.parse(JSON.stringify(buckets.list())), [
    [0, '-Infinity', 'Infinity', 2],
    [1, 'Infinity', 'Infinity', 1],
    [2, -7.5e177, Number.MAX_VALUE, 2]
  ])
})

t.test('no two buckets of a very narrow range begin at the same time', async t => {
  const from = 1_795_000_000
  for (const width of [1e-6, 1e-4, 0.001]) {
    const buckets = createBuckets(from, from + width, 5_000)
    for (let i = 0; i <= 100; i++) buckets.add(from + (i * width) / 100, i)
    const starts = buckets.list().map(([start]) => start)
    t.equal(new Set(starts).size, starts.length, `${width} s`)
    t.equal(
      buckets.list().reduce((sum, [, , , count]) => sum + count, 0),
      101
    )
  }
})
