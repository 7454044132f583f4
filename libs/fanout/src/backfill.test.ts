import t from 'tap'
import { createBackfills } from './backfill.ts'

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
    backfills.read({ stream: 'EVT', subjects: ['a'], fromSeq, leastSeq: 50, toSeq: 50 })
  )
  const others = ['b', 'c', 'd', 'e'].map(s =>
    backfills.read({ stream: 'EVT', subjects: [s], fromSeq: 1, leastSeq: 2, toSeq: 2 })
  )
  const read = { messages: [10], upTo: 50 }
  t.same(await Promise.all(same), [read, read, read])
  await Promise.all(others)
  t.same(
    reads.filter(r => r.endsWith('50')),
    ['EVT 10-50']
  )
  t.equal(backfills.reads, 5)
  t.equal(most, 2)
  t.same(
    await backfills.read({ stream: 'EVT', subjects: ['a'], fromSeq: 15, leastSeq: 45, toSeq: 60 }),
    read,
    'a latecomer gets what is there, where it needs no more'
  )
  t.equal(backfills.reads, 5)
})
