import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { drawable } from './live-values.ts'
import { bucketOf } from './plot-series.ts'
import { seriesNotes, type Told } from './series-notes.ts'

const tai = (hour: number, minute: number, day = 26): number =>
  taiSecondsOf(Date.UTC(2026, 10, day, hour, minute))

const record = {
  from: tai(3, 0),
  to: tai(3, 5),
  before: { state: 'none' as const },
  offset: 0,
  setAside: 0,
  interval: 1,
  isComplete: true,
  readFrom: undefined,
  heldFrom: tai(2, 0)
}

const notes = (more: Partial<Told> = {}): readonly string[] =>
  seriesNotes({
    isHeld: false,
    state: { kind: 'loaded' },
    record,
    outliers: [],
    offset: 0,
    from: record.from,
    ...more
  })

t.test('a line of which all is there needs no word', async t => {
  t.same(notes(), [])
})

t.test('a line whose record begins after its window says where', async t => {
  t.same(notes({ record: { ...record, heldFrom: tai(3, 2) } }), ['record begins 03:02:00 UTC'])
  t.same(notes({ record: { ...record, heldFrom: tai(3, 2) }, from: tai(3, 2, 25) }), [
    'record begins 2026-11-26 03:02:00 UTC'
  ])
  t.same(notes({ record: { ...record, heldFrom: undefined } }), ['no history held'])
  t.same(notes({ record: { ...record, isComplete: false, readFrom: tai(3, 4) } }), [
    'history read back to 03:04:00 UTC only'
  ])
})

t.test('a held value from before the window is marked as such', async t => {
  const before = { state: 'value' as const, time: tai(2, 30), value: 1 }
  t.same(notes({ isHeld: true, record: { ...record, before } }), ['begins with the value of 02:30:00 UTC'])
  t.same(notes({ isHeld: true, record: { ...record, before: { state: 'unknown' } } }), [
    'value before the window is not known'
  ])
  t.same(notes({ record: { ...record, before } }), [], 'telemetry is not held')
})

t.test('samples that are set aside are counted once and said, and so is a clock that is off', async t => {
  const outlier = { received: record.to + 1, seconds: 3600 }
  t.same(notes({ outliers: [outlier] }), ['1 sample set aside: its stamp is 3,600 s ahead'])
  const counted = { received: record.to - 1, seconds: -3600 }
  t.same(notes({ outliers: [counted], record: { ...record, setAside: 1 } }), [
    '1 sample set aside: its stamp is 3,600 s behind'
  ])
  t.same(notes({ outliers: [outlier], record: { ...record, setAside: 2 } }), [
    '3 samples set aside: their stamps are up to 3,600 s ahead'
  ])
  t.same(notes({ record: { ...record, setAside: 1 } }), ['1 sample set aside: its stamp is off its clock'])
  t.same(notes({ offset: -400 }), ['clock of the source 400 s behind: times are corrected'])
})

t.test('a question that failed says so', async t => {
  t.same(notes({ state: { kind: 'failed', message: 'gone' }, record: undefined }), ['history failed: gone'])
  t.same(notes({ state: { kind: 'loading' }, record: undefined }), ['loading history'])
})

t.test('of a bucket with an infinity the finite side is drawn, of one without a number nothing', async t => {
  t.same(bucketOf([0, 1, 2, 3]), [0, 1, 2, 3])
  t.same(bucketOf([0, 1, 'Infinity', 3]), [0, 1, 1, 3])
  t.same(bucketOf([0, '-Infinity', 5, 3]), [0, 5, 5, 3])
  t.same(bucketOf([0, null, null, 3]), [0, Number.NaN, Number.NaN, 3])
})

t.test('truth values and long integers can be drawn, text cannot', async t => {
  t.equal(drawable(true), 1)
  t.equal(drawable(5n), 5)
  t.equal(drawable('text'), undefined)
})
