import { splitPattern } from '@meridian/subjects'
import t from 'tap'
import { nothingRemoved } from '../testing/hub-world.ts'
import type { Forgotten, HistorySource } from './history-source.ts'
import { findRemoved } from './removed.ts'
import { createStream, type Stream } from './stream.ts'

const createLog = (maxPerSubject: number): Stream => {
  const stream = createStream({ name: 'TEL', flush: 'tick', kind: 'state' }, { ms: 1, bytes: 1 }, () => {})
  stream.limits.note(maxPerSubject, 0)
  return stream
}
const behind = { after: 10, upTo: 90, messages: [], missing: [], patterns: [splitPattern('tel.>')] }
const rangeOf = (holes: number, firstSeq = 1) => ({
  ...{ epoch: 'e', firstSeq, lastSeq: 100, holes },
  maxPerSubject: Number.POSITIVE_INFINITY
})

/** A stream with these holes, and how often they were asked for. */
function createSource(holes: readonly number[], forgotten: Partial<Forgotten> = {}) {
  const asked: string[] = []
  const noted = { has: () => false, countRemoved: async () => 0, upToOf: () => 0, ...forgotten }
  const source: HistorySource = {
    ...nothingRemoved,
    range: async () => rangeOf(holes.length),
    storedAt: async () => undefined,
    read: async () => ({ messages: [], upTo: 0 }),
    async holes(stream) {
      asked.push(stream)
      return holes
    },
    forgotten: async () => noted
  }
  return { asked, source }
}

t.test('holes are listed once, also when the head of the stream passes some of them', async t => {
  const stream = createLog(Number.POSITIVE_INFINITY)
  const { asked, source } = createSource([5, 20, 30, 95])
  const find = (range: ReturnType<typeof rangeOf>) => findRemoved(stream, behind, range, source)
  t.same(await find(rangeOf(0)), undefined)
  t.equal(asked.length, 0, 'a stream without holes is not asked')
  t.same(await find(rangeOf(4)), { from: 20, to: 30 }, 'behind the cursor, as far as was read')
  t.same(await find(rangeOf(3, 15)), { from: 20, to: 30 })
  t.same(await find(rangeOf(2, 25)), { from: 30, to: 30 })
  t.equal(asked.length, 1)
  await find(rangeOf(3, 25))
  t.equal(asked.length, 2, 'one more is another list')
})

t.test('a message that was read before it was removed is no loss', async t => {
  const { source } = createSource([20, 30])
  const stream = createLog(Number.POSITIVE_INFINITY)
  const read = { ...behind, messages: [{ seq: 30 }] }
  t.same(await findRemoved(stream, read, rangeOf(2), source), { from: 20, to: 20 })
})

t.test('a hole is excused by a note of this very sequence alone', async t => {
  const noted = [20, 40, 41]
  const { source } = createSource([20, 30], { has: seq => noted.includes(seq), countRemoved: async () => 3 })
  const told = findRemoved(createLog(Number.POSITIVE_INFINITY), behind, rangeOf(2), source)
  t.same(await told, { from: 30, to: 30 }, 'however many sequences are noted')
})

t.test('more holes than are listed may be anywhere, unless all of them are forgotten', async t => {
  const many = 100_001
  const { asked, source } = createSource([])
  t.same(await findRemoved(createLog(Number.POSITIVE_INFINITY), behind, rangeOf(many), source), {
    from: 11,
    to: 90
  })
  const forgotten = createSource([], { countRemoved: async () => many })
  const find = (holes: number) =>
    findRemoved(createLog(Number.POSITIVE_INFINITY), behind, rangeOf(holes), forgotten.source)
  t.same(await find(many), undefined)
  t.same(await find(many + 1), { from: 11, to: 90 }, 'one of them is not')
  t.same([...asked, ...forgotten.asked], [])
})

t.test('of a subject that was forgotten only what came behind that is told', async t => {
  const missing = [{ subject: 'tel.a', from: 20, to: 40 }]
  const told = async (upTo: number) => {
    const { source } = createSource([20], { upToOf: () => upTo })
    return findRemoved(createLog(5), { ...behind, missing }, rangeOf(1), source)
  }
  t.same(await told(0), { from: 20, to: 40, subjects: ['tel.a'] })
  t.same(await told(30), { from: 31, to: 40, subjects: ['tel.a'] })
  t.same(await told(40), undefined)
})

t.test('the past of a follower is read once, and not where newer messages have pushed it out', async t => {
  const stream = createLog(5)
  stream.readLog.begin(50_000)
  const asked: unknown[] = []
  const { source } = createSource([])
  const counting: HistorySource = {
    ...source,
    async subjectsIn(_stream, range) {
      asked.push(range)
      return Array.from({ length: 100 }, (_, n) => ({ seq: 49_900 + n, subject: `tel.t${n}` }))
    }
  }
  const range = { ...rangeOf(1), lastSeq: 50_000, maxPerSubject: 5 }
  const find = (after: number) =>
    findRemoved(stream, { ...behind, after, upTo: 50_000, messages: [] }, range, counting)
  for (const told of await Promise.all(Array.from({ length: 1_000 }, () => find(49_800))))
    if (told?.from !== 49_801 || told.to !== 49_899) t.fail('all who resume at one moment are told')
  t.same(await find(49_850), { from: 49_851, to: 49_899 })
  t.same(asked, [{ from: 49_801, to: 49_999 }])
  await find(10)
  t.same(asked.at(-1), { from: 30_000, to: 49_800 }, 'a bounded part of it')
  stream.readLog.note(3_000_000, 'tel.late')
  t.same(await find(10), undefined)
  t.equal(asked.length, 2)
})
