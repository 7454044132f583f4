import { streamState } from '@meridian/broker'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { type NewestFirst, patienceOf, type ReadEnd, readNewestFirst } from '../src/newest-first.ts'
import { openSite, SITE, sampleOf } from './harness.ts'

const { broker } = await openSite(t)
const wanted = `tel.${SITE}.MTRotator.0.rotation`
const other = `tel.${SITE}.MTRotator.0.motors`
const STORED = 300
const OTHERS_BETWEEN = 50
const limits = { maxMessages: 10_000, maxBytes: 1e9, timeoutMs: 20_000 }
const data = sampleOf({}, 0)
const publishWanted = (count: number): void => {
  for (let n = 0; n < count; n++) broker.publish(wanted, data)
}

/** Stores wanted messages far apart, and returns the sequence of the last message. */
async function storeSparse(): Promise<number> {
  const before = (await streamState(broker, 'TEL')).lastSeq
  for (let n = 1; n <= STORED; n++) {
    for (let i = 0; i < OTHERS_BETWEEN; i++) broker.publish(other, data)
    publishWanted(1)
    if (n % 20 === 0) await waitForSeq(before + n * (OTHERS_BETWEEN + 1))
  }
  return before + STORED * (OTHERS_BETWEEN + 1)
}

const waitForSeq = (seq: number): Promise<unknown> =>
  waitFor(async () => (await streamState(broker, 'TEL')).lastSeq >= seq, {
    what: 'all is stored',
    everyMs: 5
  })

/** Reads the wanted messages up to a sequence: how many were in each window, and how the read ended. */
async function read(
  toSeq: number,
  { onWindow, ...more }: Partial<NewestFirst> = {}
): Promise<{ counts: number[]; end: ReadEnd; seqs: number[] }> {
  const counts: number[] = []
  const seqs: number[] = []
  let count = 0
  const end = await readNewestFirst(
    {
      ...{ broker, limits, patience: patienceOf(limits, new AbortController().signal), ...more },
      onMessage({ seq }) {
        count++
        seqs.push(seq)
      },
      onWindow() {
        counts.push(count)
        count = 0
        onWindow?.()
      }
    },
    {
      ...{ stream: 'TEL', epoch: (await streamState(broker, 'TEL')).epoch, subjects: [wanted] },
      ...{ fromUs: 0, toSeq, hasNewer: false, messageBytes: data.length }
    }
  )
  return { counts, end, seqs: seqs.sort((a, b) => b - a) }
}

/** The sequences of the wanted messages up to the last one, newest first. */
const seqsUpTo = (last: number): number[] =>
  Array.from({ length: STORED }, (_, n) => last - n * (OTHERS_BETWEEN + 1))

const toSeq = await storeSparse()

t.test('what is stored during a read narrows the next window alone', async t => {
  let stored = 0
  const { end, counts, seqs } = await read(toSeq, {
    ...{ firstWindow: 200, limits: { ...limits, maxMessages: 210 } },
    onWindow() {
      if (stored === 0) publishWanted(1_000)
      stored = 1_000
    }
  })
  t.same([end, seqs], ['cut', seqsUpTo(toSeq).slice(0, 210)])
  t.ok(counts.length < 20, `windows of ${counts.join(', ')}`)
  await waitForSeq(toSeq + stored)
})

t.test('what is stored after the range was taken never narrows a window to none', async t => {
  for (const firstWindow of [1, 2, 11]) {
    const { end, seqs } = await read(toSeq, { firstWindow })
    t.same([end, seqs], ['all', seqsUpTo(toSeq)], `first window of ${firstWindow}`)
  }
  const { end, seqs } = await read(toSeq, { firstWindow: 2, limits: { ...limits, maxMessages: 3 } })
  t.same([end, seqs], ['cut', seqsUpTo(toSeq).slice(0, 3)], 'a bound leaves out the oldest alone')
})
