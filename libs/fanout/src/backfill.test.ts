import { waitFor } from '@meridian/testing'
import t from 'tap'
import { createBackfills } from './backfill.ts'
import { EVERYBODY as asker } from './fair-queue.ts'

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
    backfills.read({ stream: 'EVT', subjects: ['a'], fromSeq, leastSeq: 50, toSeq: 50, asker })
  )
  const others = ['b', 'c', 'd', 'e'].map(s =>
    backfills.read({ stream: 'EVT', subjects: [s], fromSeq: 1, leastSeq: 2, toSeq: 2, asker })
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
    await backfills.read({ stream: 'EVT', subjects: ['a'], fromSeq: 15, leastSeq: 45, toSeq: 60, asker }),
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
      asker: ['operator', from]
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
