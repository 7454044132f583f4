import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { formatAge } from './age.ts'
import { enumerationText } from './enumeration.ts'
import { clockTextOf, hoursTextOf, preciseTextOf } from './stamp.ts'
import { formatArray, formatNumber, formatScalar, unitsText } from './value.ts'

const field = (type: string, units = '', name = 'x') => ({ name, type, units })

t.test('numbers keep a width that their magnitude decides', async t => {
  t.equal(formatNumber(0), '0.00000')
  t.equal(formatNumber(12.5), '12.5000')
  t.equal(formatNumber(-1234.567), '-1234.57')
  t.equal(formatNumber(0.0000123), '1.2300e-5')
  t.equal(formatNumber(Number.NaN), 'NaN')
  t.equal(formatNumber(Number.POSITIVE_INFINITY), 'Infinity')
})

t.test('whole types have no decimals, integers beyond 2^53 keep every digit', async t => {
  t.equal(formatScalar(3, field('int')), '3')
  t.equal(formatScalar(3, field('double')), '3.0000')
  t.equal(formatScalar(9007199254740993n, field('long long')), '9007199254740993')
  t.equal(formatScalar(null), '—')
  t.equal(formatScalar(true, field('boolean')), 'true')
})

t.test('a stamp is shown as UTC time of day and needs no unit', async t => {
  const stamp = taiSecondsOf(Date.UTC(2026, 10, 22, 3, 4, 5, 678))
  const spec = field('double', 's', 'actualPositionTimestamp')
  t.equal(formatScalar(stamp, spec), '03:04:05.678')
  t.equal(unitsText(stamp, spec), '')
  t.equal(unitsText(12, spec), 's')
  t.equal(preciseTextOf(stamp), '03:04:05.678')
})

t.test('long arrays show their extremes and what is not a number', async t => {
  t.equal(formatArray([1, 2], field('double')), '[1.0000, 2.0000]')
  t.equal(formatArray([1, 2, 3, 4, 5, 6, Number.NaN], field('int')), '1 … 6, 1 not finite')
})

t.test('enumerations show name and number, unknown numbers are marked', async t => {
  const states = { items: [{ name: 'TRACKING', value: 3 }] }
  t.equal(enumerationText(states, 3), 'TRACKING (3)')
  t.equal(enumerationText(states, 8), '? (8)')
  const bits = {
    items: [
      { name: 'A', value: 1 },
      { name: 'B', value: 2 },
      { name: 'C', value: 4 }
    ],
    bitmask: true
  }
  t.equal(enumerationText(bits, 5), 'A + C (5)')
  t.equal(enumerationText(bits, 0), 'none (0)')
  t.equal(enumerationText({ items: [{ name: 'OPEN', value: 'OPEN' }] }, 'OPEN'), 'OPEN')
})

t.test('ages read at a glance', async t => {
  t.same([-5, 400, 12_400, 180_000, 7_500_000, 6 * 86_400_000].map(formatAge), [
    '0.0 s',
    '0.4 s',
    '12 s',
    '3 min',
    '2 h 05',
    '6 d'
  ])
})

t.test('clocks have two digits each', async t => {
  t.equal(clockTextOf(Date.UTC(2026, 0, 1, 3, 4, 5)), '03:04:05')
  t.equal(hoursTextOf(1.5), '01:30:00')
  t.equal(hoursTextOf(23.999999), '23:59:59')
})
