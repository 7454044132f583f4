import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { createClockOffset } from './clock-offset.ts'

const START = Date.UTC(2026, 10, 22, 3)

/** A reading of a gateway's clock that is `aheadMs` ahead, made `at` ms after the start. */
const reading = (at: number, roundTripMs: number, aheadMs: number, back = roundTripMs / 2) => ({
  time: taiSecondsOf(START + at + roundTripMs - back + aheadMs),
  sentMs: START + at,
  heardMs: START + at + roundTripMs
})
const close = (a: number, b: number): boolean => Math.abs(a - b) < 0.01

t.test('an answer that was held up on its way does not move the clock', async t => {
  const offset = createClockOffset()
  t.ok(close(offset.measure(reading(0, 2, 500)), 500))
  t.ok(close(offset.measure(reading(5000, 6000, 500, 5999)), 500), 'nearly all of it on the way back')
})

t.test('a surer answer counts, and one as sure as before after a while', async t => {
  const offset = createClockOffset()
  offset.measure(reading(0, 300, 500, 1))
  t.ok(close(offset.measure(reading(1000, 2, 500)), 500))
  t.ok(close(offset.measure(reading(6000, 4, 503)), 503), 'a clock that drifts is followed')
})

t.test('a clock that jumped is believed at once, in both directions', async t => {
  const offset = createClockOffset()
  offset.measure(reading(0, 2, 0))
  t.ok(close(offset.measure(reading(1000, 200, 3_600_000)), 3_600_000))
  t.ok(close(offset.measure(reading(2000, 200, -5000)), -5000))
})
