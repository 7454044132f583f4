import { once } from 'node:events'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { createBackfills } from './backfill.ts'
import { EVERYBODY as asker } from './fair-queue.ts'

const isWanted = (): boolean => true

t.test('resumes that want about the same share one read, and at most some run at a time', async t => {
  let running = 0
  let most = 0
  const reads: string[] = []
  const backfills = createBackfills<number>({
    source: {
      async read({ stream, fromSeq, toSeq }) {
        reads.push(`${stream} ${fromSeq}-${toSeq}`)
        most = Math.max(most, ++running)
        await new Promise(resolve => setTimeout(resolve, 5))
        running--
        return { messages: [{ seq: fromSeq, timeUs: 0, subject: '', data: new Uint8Array() }], upTo: toSeq }
      }
    },
    messageOf: (_stream, { seq }) => seq,
    atOnce: 2
  })
  const same = [30, 10, 20].map(fromSeq =>
    backfills.read({ stream: 'EVT', subjects: ['a'], fromSeq, leastSeq: 50, toSeq: 50, asker, isWanted })
  )
  const others = ['b', 'c', 'd', 'e'].map(s =>
    backfills.read({ stream: 'EVT', subjects: [s], fromSeq: 1, leastSeq: 2, toSeq: 2, asker, isWanted })
  )
  const read = { messages: [10], upTo: 50, missing: [] }
  t.same(await Promise.all(same), [read, read, read])
  await Promise.all(others)
  t.same(
    reads.filter(r => r.endsWith('50')),
    ['EVT 10-50']
  )
  t.equal(backfills.reads, 5)
  t.equal(most, 2)
  t.same(
    await backfills.read({
      stream: 'EVT',
      subjects: ['a'],
      fromSeq: 15,
      leastSeq: 45,
      toSeq: 60,
      asker,
      isWanted
    }),
    read,
    'a latecomer gets what is there, where it needs no more'
  )
  t.equal(backfills.reads, 5)
})

t.test('a hundred old cursors do not hold up a resume that wants little: it is read next', async t => {
  const reads: string[] = []
  const ends: (() => void)[] = []
  const backfills = createBackfills<number>({
    source: {
      async read({ subjects: [subject = ''], toSeq }) {
        reads.push(subject)
        await new Promise<void>(resolve => ends.push(resolve))
        return { messages: [], upTo: toSeq }
      }
    },
    messageOf: (_stream, { seq }) => seq,
    atOnce: 1,
    gatherMs: 0
  })
  const read = (subject: string, messages: number, from: string) =>
    backfills.read({
      stream: 'EVT',
      subjects: [subject],
      fromSeq: 1,
      leastSeq: messages,
      toSeq: messages,
      asker: ['operator', from],
      isWanted
    })
  const old = Array.from({ length: 100 }, (_, i) => read(`old${i}`, 10_000_000 + i, '10.0.0.1'))
  await waitFor(() => reads.length === 1, { what: 'the first read' })
  const honest = read('honest', 20, '10.0.0.1')
  const other = read('other', 10_000_000, '10.0.0.2')
  while (reads.length < 102) {
    await waitFor(() => ends.length > 0, { what: 'a read' })
    ends.shift()?.()
    await new Promise(resolve => setTimeout(resolve, 1))
  }
  while (ends.length > 0) ends.shift()?.()
  await Promise.all([...old, honest, other])
  t.ok(reads.indexOf('honest') <= 3, 'of the same address: before the long ones that have not begun')
  t.ok(reads.indexOf('other') <= 3, 'another address has every second turn')
})

t.test('what nobody waits for any more is not read, or not to its end', async t => {
  const reads: string[] = []
  const backfills = createBackfills<number>({
    source: {
      async read({ subjects: [subject = ''], fromSeq, toSeq }, signal) {
        reads.push(subject)
        if (subject === 'long') await once(signal as AbortSignal, 'abort')
        return { messages: [], upTo: subject === 'long' ? fromSeq : toSeq }
      }
    },
    messageOf: (_stream, { seq }) => seq,
    ...{ atOnce: 1, gatherMs: 0 }
  })
  const gone = new Set<string>()
  const read = (subject: string, who: string) =>
    backfills.read({
      ...{ stream: 'EVT', subjects: [subject], fromSeq: 1, leastSeq: 9, toSeq: 9, asker },
      isWanted: () => !gone.has(who)
    })
  const [long, waiting, shared, stays] = [read('long', 'a'), read('b', 'b'), read('c', 'c'), read('c', 'd')]
  await waitFor(() => reads.length === 1, { what: 'the first read' })
  for (const who of ['b', 'c']) gone.add(who)
  gone.add('a')
  t.same(await long, { messages: [], upTo: 1, missing: [] }, 'it ends where its asker has gone')
  t.same(await waiting, { messages: [], upTo: 0, missing: [] })
  t.match(await Promise.all([shared, stays]), [{ upTo: 9 }, { upTo: 9 }], 'one of two still waits')
  t.same(reads, ['long', 'c'])
  t.match(await read('b', 'late'), { upTo: 9 }, 'a latecomer gets a read of its own')
  t.equal(backfills.reads, 3)
})
