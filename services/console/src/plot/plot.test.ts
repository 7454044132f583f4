import t from 'tap'
import { fieldNameOf, fieldValueOf, isSameField } from './field-ref.ts'
import { numberLabels, timeLabels } from './labels.ts'
import { refusalOf, spanToFetch } from './plot-store.ts'
import { boundsOf, heldWindow, zoomed } from './plot-window.ts'
import { recordBeginsOf } from './record-begins.ts'
import { createSeriesBuffer, insertSample } from './series-buffer.ts'
import { heldAt, lastIn, sampledAt, valueText } from './series-value.ts'
import { createSilences } from './silences.ts'
import { inUnits, rangeOf, sizeOf, unitOf } from './value-scale.ts'

const NOW = 1_795_000_000

t.test('a window that cannot grow or shrink any more stays where it is, however fast the wheel', async t => {
  for (const factor of [1.25, 0.8]) {
    let window = { from: NOW - 60, to: NOW }
    for (let i = 0; i < 1000; i++) window = boundsOf(zoomed(window, { factor, centre: NOW - 20 }, NOW), NOW)
    t.ok(window.from <= NOW - 20 && window.to > NOW - 21 && window.to <= NOW, JSON.stringify(window))
  }
  let window = { from: NOW - 60, to: NOW }
  for (let i = 0; i < 1000; i++) window = boundsOf(zoomed(window, { factor: 1.25, shift: -0.5 }, NOW), NOW)
  t.equal(window.from, 0, 'nor beyond 1970')
})

t.test('zooming about a point keeps it in place, panning moves all', async t => {
  t.same(zoomed({ from: 0, to: 100 }, { factor: 0.5, centre: 50 }, NOW), { kind: 'held', from: 25, to: 75 })
  t.same(zoomed({ from: 0, to: 100 }, { shift: 0.1 }, NOW), { kind: 'held', from: 10, to: 110 })
  t.same(boundsOf({ kind: 'live', spanSeconds: 60 }, 1000), { from: 940, to: 1000 })
})

t.test('no turning of the wheel leaves the range of dates, or what can be told apart', async t => {
  let bounds = { from: NOW - 300, to: NOW }
  for (let i = 0; i < 170; i++) bounds = boundsOf(zoomed(bounds, { factor: 1.25 }, NOW), NOW)
  t.same(bounds, { from: NOW - 366 * 86_400, to: NOW })
  for (let i = 0; i < 300; i++) bounds = boundsOf(zoomed(bounds, { factor: 0.8 }, NOW), NOW)
  t.ok(Math.abs(bounds.to - bounds.from - 0.1) < 1e-6)
  t.ok(new Date(bounds.from * 1000).toISOString())
})

t.test('a window does not reach beyond now', async t => {
  t.same(zoomed({ from: NOW - 100, to: NOW }, { shift: 0.5 }, NOW), {
    kind: 'held',
    from: NOW - 100,
    to: NOW
  })
  t.same(heldWindow({ from: NOW, to: NOW + 50 }, NOW), { kind: 'held', from: NOW - 50, to: NOW })
})

t.test('a little more than the window is fetched, never the future', async t => {
  t.same(spanToFetch({ from: NOW - 1000, to: NOW - 500 }, NOW), {
    from: NOW - 1025,
    to: NOW - 475,
    nowTai: NOW
  })
  t.same(spanToFetch({ from: NOW - 1, to: NOW }, NOW), { from: NOW - 3, to: NOW + 20, nowTai: NOW })
})

t.test('a field may be named as an element is written: its name and its index are two things', async t => {
  const named = { subject: 's', field: 'temp[0]', units: '' }
  const element = { subject: 's', field: 'temp', index: 0, units: '' }
  t.equal(fieldNameOf(named), fieldNameOf(element))
  t.notOk(isSameField(named, element))
  const fields = { 'temp[0]': 5, temp: [7], 'wind.speed': 3 }
  t.equal(fieldValueOf(fields, named), 5)
  t.equal(fieldValueOf(fields, element), 7)
  t.equal(fieldValueOf(fields, { field: 'wind.speed' }), 3)
  t.equal(fieldValueOf(fields, { field: 'toString' }), undefined)
})

t.test('a plot has an axis for each unit, and refuses with its reason what has no room', async t => {
  const of = (...units: string[]) => units.map(one => ({ units: one }))
  const field = { subject: 's', field: 'temperature', units: '°C' }
  t.equal(refusalOf(of('deg', 'deg/s'), field), undefined)
  t.equal(refusalOf(of('deg', 'deg/s', '°C'), field), undefined)
  t.match(refusalOf(of('deg', 'deg/s', ''), field), /temperature is not plotted.*deg, deg\/s, no unit/)
  t.match(refusalOf(of('°C', '°C', '°C', '°C', '°C', '°C'), field), /6 lines/)
})

t.test('labels have the decimals that their distance needs, at any magnitude', async t => {
  t.same(numberLabels([1, 1.5]), ['1.0', '1.5'])
  t.same(numberLabels([0, 10, 20]), ['0', '10', '20'])
  t.same(numberLabels([0.25, 0.5, 0.75]), ['0.25', '0.50', '0.75'], 'none is rounded to another number')
  t.same(numberLabels([93.975, 94]), ['93.975', '94.000'])
  t.same(numberLabels([25e9, 27.5e9]), ['2.50e+10', '2.75e+10'])
  t.same(numberLabels([-8e177, -6e177, 0]), ['-8e+177', '-6e+177', '0'])
  t.same(numberLabels([1.2e-9, 1.25e-9]), ['1.20e-9', '1.25e-9'])
  t.same(numberLabels([700.5]), ['700.50'], 'a lone one keeps its decimals')
})

t.test('labels of time have dates where the window spans days', async t => {
  t.same(timeLabels([0, 60]), ['00:00:00', '00:01:00'])
  t.same(timeLabels([60]), ['00:01:00'])
  t.same(timeLabels([0, 0.25]), ['00:00:00.000', '00:00:00.250'])
  t.same(timeLabels([43_200, 86_400, 129_600]), ['12:00:00\n1970-01-01', '00:00:00\n1970-01-02', '12:00:00'])
  t.same(timeLabels([0, 86_400]), ['1970-01-01', '1970-01-02'])
})

t.test('a constant stands in the middle of a narrow span', async t => {
  t.same(rangeOf(700, 700), [665, 735])
  t.same(rangeOf(0, 0), [-1, 1])
  t.same(rangeOf(0, 100), [-8, 108])
  t.same(rangeOf(-5, -5), [-5.25, -4.75])
})

t.test('values beyond what an axis can label are drawn in multiples of a power of ten', async t => {
  t.equal(unitOf(1234), 1)
  t.equal(unitOf(0), 1)
  t.equal(unitOf(sizeOf([[1, null, -7.5e177], [undefined]])), 1e177)
  t.same(inUnits([-7.5e177, null, undefined], 1e177), [-7.5, null, undefined])
  for (const size of [Number.MAX_VALUE, Number.MIN_VALUE]) t.ok(Number.isFinite(size / unitOf(size)))
})

t.test('the pointer shows the nearest sample, and nothing in a gap', async t => {
  const buffer = createSeriesBuffer()
  for (let at = 0; at < 10; at++) insertSample(buffer, at, at)
  insertSample(buffer, 60, 60)
  const at = (tai: number) => sampledAt(buffer, tai, { reach: 2, until: 100 })
  t.same(at(3.4), { low: 3, high: 3 })
  t.equal(at(30), undefined)
  t.same(at(59), { low: 60, high: 60 })
  t.equal(sampledAt(createSeriesBuffer(), 1, { reach: 2, until: 100 }), undefined)
  t.same(
    sampledAt(buffer, 3.4, { reach: 2, until: 2.5 }),
    { low: 3, high: 3 },
    'nearest of what a line joins'
  )
  t.same(sampledAt(buffer, 9.5, { reach: 70, until: 9.5 }), { low: 9, high: 9 }, 'not what came later')
  t.same(heldAt(buffer, 30), { low: 9, high: 9 })
  t.same(heldAt(buffer, 9), { low: 9, high: 9 })
  t.equal(heldAt(buffer, -1), undefined)
  t.same(lastIn(buffer, { from: 0, to: 30 }), { low: 9, high: 9 })
  t.same(lastIn(buffer, { from: 0, to: 60 }), { low: 60, high: 60 })
  t.equal(lastIn(buffer, { from: 20, to: 30 }), undefined)
  const format = { text: (value: number) => value.toFixed(1) }
  t.equal(valueText({ low: 1, high: 2 }, format), '1.0 … 2.0')
  t.equal(valueText({ low: 1, high: 1.01 }, format), '1.0')
  t.equal(valueText(undefined, format), '—')
})

t.test('silences of a source are remembered from when it was heard last', async t => {
  const silences = createSilences()
  silences.note(false, 100, 99)
  t.same(silences.spans(), [])
  silences.note(true, 106, 101)
  silences.note(true, 110, 101)
  t.same(silences.spans(), [{ from: 101 }])
  silences.note(false, 120, 120)
  t.same(silences.spans(), [{ from: 101, to: 120 }])
})

t.test('silences on the record are known without having been seen', async t => {
  const silences = createSilences()
  const change = (heartbeat: number, isAlive: boolean) => ({ id: 'Valve:0', heartbeat, isAlive })
  silences.recall([change(300, false), change(120, true), change(100, false)])
  t.same(silences.spans(), [{ from: 100, to: 120 }, { from: 300 }])
  silences.note(false, 306, 300.1)
  t.same(silences.spans().at(-1), { from: 300 }, 'the last beat before the silence ends none')
  silences.note(false, 330, 329.5)
  silences.note(false, 340, 339.5)
  t.same(silences.spans().at(-1), { from: 300, to: 329.5 }, 'heard here before anybody has recorded it')
  silences.recall([change(328, true), change(300, false)])
  t.same(silences.spans(), [
    { from: 100, to: 120 },
    { from: 300, to: 328 }
  ])
})

t.test('a record that begins with a recovery was silent before, nobody knows how long', async t => {
  const silences = createSilences()
  silences.recall([{ id: 'Valve:0', heartbeat: 50, isAlive: true }])
  t.same(silences.spans(), [{ from: Number.NEGATIVE_INFINITY, to: 50 }])
})

t.test('the begin of a record is marked inside the window alone, and for whom', async t => {
  const line = (field: string, heldFrom: number | undefined, readFrom?: number) => ({
    ...{ subject: 'tel.s.A.0.w', field, units: '' },
    record: { peek: () => ({ heldFrom, readFrom, isComplete: readFrom === undefined, to: 2000 }) }
  })
  const window = { from: 1000, to: 2000 }
  t.same(recordBeginsOf([line('a', 900), line('b', undefined), line('c', 1001)], window), [])
  t.same(recordBeginsOf([line('a', 1500), line('b', 1502)], window), [{ at: 1500, label: 'record begins' }])
  t.same(recordBeginsOf([line('a', 1800), line('b', 1500), line('c', 0)], window), [
    { at: 1500, label: 'record of b begins' },
    { at: 1800, label: 'record of a begins' }
  ])
  t.same(recordBeginsOf([line('a', 3000)], window), [{ at: 3000, label: 'record begins' }], 'all before it')
  const unread = [{ at: 1700, label: 'history not read before' }]
  t.same(recordBeginsOf([line('a', 1200, 1700)], window), unread, 'time that was not read is not empty')
  t.same(recordBeginsOf([line('a', 1699), line('b', 0, 1700)], window), [
    { at: 1699, label: 'record of a begins' },
    { at: 1700, label: 'history of b not read before' }
  ])
})
