import t from 'tap'
import { isPrintable, printable } from './printable.ts'

t.test('what moves a cursor or ends a line is not printable, and taken out', async t => {
  const all = Array.from({ length: 0x120 }, (_, code) => String.fromCharCode(code))
  for (const one of all)
    t.equal(printable(one) === one, isPrintable(one), `U+${one.charCodeAt(0).toString(16)}`)
  t.equal(printable('a\u001b[2Jb\r\nc\u009bd'), 'a[2Jbcd')
  for (const mark of '\u200b\u202e\u2066\ufeff')
    t.equal(printable(`a${mark}da`), 'ada', 'it makes one name look like another')
  t.equal(printable('Čapek 200 °C'), 'Čapek 200 °C')
})
