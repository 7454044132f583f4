import { setTimeout as sleep } from 'node:timers/promises'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { nothingRemoved } from '../testing/hub-world.ts'
import type { HistorySource } from './history-source.ts'
import { shareQuestions } from './shared-source.ts'

/** A source whose answers are given by hand; each tells how many questions came before it. */
function createSource() {
  const asked: string[] = []
  const waiting: (() => void)[] = []
  const answer = <T>(what: string, value: (n: number) => T): Promise<T> => {
    const n = asked.push(what)
    return new Promise((resolve, reject) =>
      waiting.push(() => (what.endsWith('!') ? reject(new Error(what)) : resolve(value(n))))
    )
  }
  const source: HistorySource = {
    range: stream =>
      answer(stream, lastSeq => ({
        epoch: 'e',
        firstSeq: 1,
        lastSeq,
        holes: 0,
        maxPerSubject: Number.POSITIVE_INFINITY
      })),
    storedAt: (stream, seq) => answer(`${stream} ${seq}`, n => n),
    read: async () => ({ messages: [], upTo: 0 }),
    ...nothingRemoved
  }
  /** Answers what was asked, or what is asked next. */
  const flush = async (): Promise<void> => {
    await waitFor(() => waiting.length > 0, { what: 'a question' })
    for (const give of waiting.splice(0)) give()
    await new Promise(resolve => setImmediate(resolve))
  }
  return { asked, source: shareQuestions(source), flush }
}

t.test('who asks while an answer is under way shares the next one, never the one before', async t => {
  const { asked, source, flush } = createSource()
  const first = source.range('EVT')
  const later = Array.from({ length: 100 }, () => source.range('EVT'))
  const other = source.range('TEL')
  await flush()
  t.same([(await first).lastSeq, (await other).lastSeq], [1, 2])
  const soon = source.range('EVT')
  await flush()
  const shared = await Promise.all([...later, soon])
  t.same(new Set(shared.map(({ lastSeq }) => lastSeq)), new Set([3]), 'one answer, asked for after them all')
  const latest = source.range('EVT')
  await flush()
  t.equal((await latest).lastSeq, 4)
  t.same(asked, ['EVT', 'TEL', 'EVT', 'EVT'])
})

t.test('a question that comes alone is asked at once', async t => {
  const { asked, source, flush } = createSource()
  for (const n of [1, 2]) {
    const alone = source.range('EVT')
    t.equal(asked.length, n, 'before anything is waited for')
    await flush()
    await alone
    await sleep(50)
  }
})

t.test('a question that fails concerns those who shared it, and the next is asked anew', async t => {
  const { asked, source, flush } = createSource()
  const first = source.range('EVT!')
  const second = source.range('EVT!')
  const failed = [t.rejects(first), t.rejects(second)]
  await flush()
  await flush()
  await Promise.all(failed)
  t.equal(asked.length, 2)
})

t.test('positions of the same number in other streams are other questions', async t => {
  const { asked, source, flush } = createSource()
  const answers = [source.storedAt('EVT', 7), source.storedAt('TEL', 7), source.storedAt('EVT', 8)]
  await flush()
  t.same(await Promise.all(answers), [1, 2, 3])
  t.same(asked, ['EVT 7', 'TEL 7', 'EVT 8'])
})
