import t from 'tap'
import { cutText } from './cut-text.ts'

t.test('a text is cut where it is too long, and its length is told', async t => {
  t.equal(cutText('short'), 'short')
  t.equal(cutText('x'.repeat(120)), 'x'.repeat(120))
  t.equal(cutText('x'.repeat(2_000)), `${'x'.repeat(120)}... (2000 characters)`)
  t.equal(cutText('abcdef', 3), 'abc... (6 characters)')
})
