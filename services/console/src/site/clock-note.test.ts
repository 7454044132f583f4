import t from 'tap'
import { clockNoteOf } from './clock-note.ts'

t.test('a wrong clock is told with its difference, and the time scale that it looks like', async t => {
  t.equal(clockNoteOf(0), undefined)
  t.equal(clockNoteOf(-1.9), undefined, 'messages take some time on their way')
  t.equal(clockNoteOf(600), 'clock +600 s')
  t.equal(clockNoteOf(-400.4), 'clock −400 s')
  t.equal(clockNoteOf(-37.3), 'clock −37 s (UTC?)')
  t.equal(clockNoteOf(-19.2), 'clock −19 s (GPS?)')
  t.equal(clockNoteOf(37), 'clock +37 s')
  t.equal(clockNoteOf(Number.NaN), undefined)
})
