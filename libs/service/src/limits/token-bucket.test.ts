import t from 'tap'
import { TokenBucket } from './token-bucket.ts'

t.test('so many seconds of tokens may be taken at once, then the rate holds', async t => {
  let now = 0
  const bucket = new TokenBucket(10, 4, () => now)
  const takeAll = (): number => {
    let taken = 0
    while (bucket.take()) taken++
    return taken
  }
  t.equal(takeAll(), 40)
  t.equal(bucket.waitMs(), 100)
  now += 500
  t.equal(bucket.waitMs(), 0)
  t.equal(takeAll(), 5)
  now += 60_000
  t.equal(takeAll(), 40)
})

t.test('several are taken together or not at all', async t => {
  let now = 0
  const bucket = new TokenBucket(10, 4, () => now)
  t.notOk(bucket.take(41))
  t.ok(bucket.take(35))
  t.notOk(bucket.take(6))
  t.ok(bucket.take(5))
  now += 1_000
  t.ok(bucket.take(10))
})
