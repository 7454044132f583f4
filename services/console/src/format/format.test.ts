import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { formatAge } from './age.ts'
import { enumerationText } from './enumeration.ts'
import { exactText } from './exact.ts'
import { extremesOf } from './extremes.ts'
import { createNumberFormat, formatNumber } from './number-format.ts'
import { clockTextOf, dateTextOf, hoursTextOf, preciseTextOf } from './stamp.ts'
import { formatArray, formatScalar, unitsText } from './value.ts'

const field = (type: string, units = '', name = 'x') => ({ name, type, units })

/** All of these in turn in one field's format. */
const written = (values: readonly number[], type = 'double', units = '') => {
  const format = createNumberFormat({ type, units })
  return values.map(value => format.text(value))
}

t.test('a lone number has the digits of its magnitude', async t => {
  const texts = [12.5, -1234.567, 0.0000123, 61_005.123456, Number.NaN, Number.POSITIVE_INFINITY]
  t.same(
    texts.map(value => formatNumber(value)),
    ['12.5000', '-1234.57', '1.2300e-5', '61005.12', 'NaN', 'Infinity']
  )
})

t.test('the numbers of one field keep their decimals, so that nothing jitters', async t => {
  t.same(written([3.3449, 0, -1.9549e-5, -0.02]), ['3.34490', '0.00000', '-0.00002', '-0.02000'])
  t.same(written([3.3449, 1e-9, -1e-9]), ['3.34490', '0.00000', '0.00000'], 'no sign of nothing')
  t.same(written([9.5, 10.5, 9.5]), ['9.50000', '10.5000', '9.5000'], 'what grew stays')
  t.same(written([2e7, 3.5e7, 2e7]), ['20000000.00', '35000000.00', '20000000.00'])
  t.same(written([1e-8, 0]), ['1.0000e-8', '0'])
})

t.test('a field that became small is believed after many numbers, not after one', async t => {
  const small = Array.from({ length: 60 }, (_, i) => 0.5 + i / 1000)
  const texts = written([123.4, ...small, 0.25])
  t.equal(texts[30], '0.529')
  t.equal(texts.at(-1), '0.250000')
  t.equal(written([123.4, ...small.flatMap(value => [value, 90])]).at(-2), '0.559', 'not while it comes back')
})

t.test('units whose instruments have a resolution show noise below it as 0', async t => {
  t.same(written([-1.9549e-5, 1.2e-5], 'double', 'deg/s'), ['0.0000', '0.0000'])
  t.same(written([1.5e-6], 'double', 'Torr'), ['1.5000e-6'], 'a vacuum is no noise')
})

t.test('a device that nobody knows has integers until it sends a fraction', async t => {
  t.same(written([2, 3, 2.5, 3], 'number'), ['2', '3', '2.50000', '3.00000'])
  t.same(written([1e6, 123_456_789], 'number'), ['1000000', '123456789'])
})

t.test('nothing is rounded where a person decides upon it', async t => {
  t.equal(exactText(30.123456789), '30.123456789')
  t.equal(exactText(9007199254740993n), '9007199254740993')
  t.equal(exactText('9007199254740993'), '9007199254740993')
  t.equal(exactText([0.1 + 0.2, -0, Number.NaN]), '[0.30000000000000004, -0, NaN]')
  t.equal(exactText({ id: 9007199254740993n, ratio: Number.NaN }), '{"id":"9007199254740993","ratio":"NaN"}')
  t.equal(exactText(undefined), '—')
})

t.test('the extremes of any number of values are found', async t => {
  const many = Array.from({ length: 150_000 }, (_, i) => i - 7)
  t.same(extremesOf([...many, Number.NaN, 'x']), { low: -7, high: 149_992, count: 150_000 })
  t.equal(formatArray(many, { name: 'a', type: 'number', units: '' }), '-7 … 149992')
})

t.test('whole types have no decimals, integers beyond 2^53 keep every digit', async t => {
  t.equal(formatScalar(3, field('int')), '3')
  t.equal(formatScalar(3, field('double')), '3.00000')
  t.equal(formatScalar(3), '3')
  t.equal(formatScalar(9007199254740993n, field('long long')), '9007199254740993')
  t.equal(formatScalar(null), '—')
  t.equal(formatScalar(true, field('boolean')), 'true')
})

t.test('a stamp is shown as UTC time of day and says so, whatever it is', async t => {
  const stamp = taiSecondsOf(Date.UTC(2026, 10, 22, 3, 4, 5, 678))
  const spec = field('double', 's', 'actualPositionTimestamp')
  t.equal(formatScalar(stamp, spec), '03:04:05.678')
  t.equal(unitsText(stamp, spec), 'UTC')
  t.equal(unitsText(12, spec), 's')
  t.equal(preciseTextOf(stamp), '03:04:05.678')
  for (const odd of [Number.NaN, 1e300, -1e300, 3e11]) {
    t.equal(preciseTextOf(odd), 'no valid time')
    t.equal(clockTextOf(odd * 1000), 'no valid time')
    t.equal(dateTextOf(odd * 1000), 'no valid date')
  }
})

t.test('long arrays show their extremes and what is not a number', async t => {
  t.equal(formatArray([1, 2], field('double')), '[1.00000, 2.00000]')
  t.equal(formatArray([1, 2, 3, 4, 5, 6, Number.NaN], field('int')), '1 … 6, 1 not finite')
})

t.test('enumerations show name and number, unknown numbers are marked', async t => {
  const states = { items: [{ name: 'TRACKING', value: 3 }] }
  t.equal(enumerationText(states, 3), 'TRACKING (3)')
  t.equal(enumerationText(states, 8), 'unknown enumeration value 8')
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
  t.equal(enumerationText(bits, 12), 'C + unknown bits 8 (12)')
  t.equal(enumerationText(bits, 2n ** 40n + 1n), 'A + unknown bits 1099511627776 (1099511627777)')
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
