import t from 'tap'
import { clockNoteOf, stampNoteOf, steadyAheadOf } from './clock-note.ts'

t.test('a wrong clock is told with its difference, and the time scale that it looks like', async t => {
  t.equal(clockNoteOf(0), undefined)
  t.equal(clockNoteOf(-1.9), undefined, 'messages take some time on their way')
  t.equal(clockNoteOf(600), 'clock +600 s')
  t.equal(clockNoteOf(-400.4), 'clock −400 s')
  t.equal(clockNoteOf(-37.3), 'clock −37 s (UTC?)')
  t.equal(clockNoteOf(-19.2), 'clock −19 s (GPS?)')
  t.equal(clockNoteOf(37), 'clock +37 s')
  t.equal(clockNoteOf(Number.NaN), undefined)
  t.equal(clockNoteOf(86_400), 'clock +86400 s')
  t.equal(clockNoteOf(-200_000), 'clock −2 d')
  for (const lost of [1e13, 1e30, Number.POSITIVE_INFINITY]) {
    t.equal(clockNoteOf(lost), 'clock far ahead', 'a tile has no room for more')
    t.equal(clockNoteOf(-lost), 'clock far behind')
  }
})

t.test(
  'an event that is stamped ahead shows a wrong clock; one stamped behind may have been held back',
  async t => {
    t.equal(stampNoteOf(3600), 'clock +3600 s')
    t.equal(stampNoteOf(-14), 'stamped 14 s before')
    t.equal(stampNoteOf(-259_200), 'stamped 3 d before')
    t.equal(stampNoteOf(-1e30), 'stamped far before')
    t.equal(stampNoteOf(1e30), 'clock far ahead')
  }
)

t.test('a clock near a limit is told or not, and does not flicker', async t => {
  const texts = (...differences: readonly number[]) => {
    let told = 0
    return differences.map(ahead => {
      told = steadyAheadOf(told, ahead)
      return clockNoteOf(told)
    })
  }
  const noise = Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? 2.1 : 1.9))
  t.same(new Set(texts(...noise)), new Set(['clock +2 s']), 'around the tolerance')
  t.same(new Set(texts(-59.4, -59.6, -59.4, -60.2)), new Set(['clock −59 s']), 'between two figures')
  t.same(new Set(texts(-35.6, -35.4, -35.6)), new Set(['clock −36 s (UTC?)']), 'at the edge of a name')
  t.same(texts(600, 601.5, 0.3), ['clock +600 s', 'clock +602 s', undefined], 'a change is told')
})
