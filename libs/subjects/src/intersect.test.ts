import fc from 'fast-check'
import t from 'tap'
import { intersect, matches, splitPattern, withoutInner } from './index.ts'

const both = (a: string, b: string): readonly string[] => intersect(splitPattern(a), splitPattern(b))

t.test('what two patterns have in common is said as narrow as it is', async t => {
  t.same(both('>', 'tel.s.>'), ['tel.s.>'])
  t.same(both('tel.*.MTMount.>', '*.s.*.0.>'), ['tel.s.MTMount.0.>'])
  t.same(both('evt.s.C.0.topic', '>'), ['evt.s.C.0.topic'], 'the text of the first where all of it is meant')
  t.same(both('evt.s.C.0.topic', 'evt.s.C.0.topic.key'), ['evt.s.C.0.topic.key'], 'one key of a topic')
  t.same(both('evt.s.C.0.topic.key', 'evt.s.C.0.topic'), ['evt.s.C.0.topic.key'], 'a topic has its keys')
  t.same(both('tel.s.A.>', 'tel.s.B.>'), [])
  t.same(both('tel.s', 'tel.s.>'), [], 'a closing > is at least one token')
})

t.test('of patterns inside each other the outer one is left', async t => {
  t.same(withoutInner(['tel.>', 'tel.s.A.>', 'evt.s.>', 'evt.s.>']), ['tel.>', 'evt.s.>'])
  t.same(withoutInner(['evt.s.C.0.t.k', 'evt.s.C.0.t']), ['evt.s.C.0.t'])
})

t.test('a subject is under the intersection exactly if it is under both', async () => {
  const name = fc.constantFrom('evt', 'tel', 's', 'C', '0', 'topic', 'key')
  const token = fc.oneof(name, fc.constant('*'))
  const pattern = fc
    .tuple(fc.array(token, { minLength: 1, maxLength: 6 }), fc.boolean())
    .map(([tokens, tail]) => [...tokens, ...(tail ? ['>'] : [])].join('.'))
  const subject = fc.array(name, { minLength: 1, maxLength: 7 }).map(tokens => tokens.join('.'))
  fc.assert(
    fc.property(pattern, pattern, subject, (a, b, text) => {
      const isUnder = (one: string): boolean => matches(splitPattern(one), text)
      return both(a, b).some(isUnder) === (isUnder(a) && isUnder(b))
    }),
    { numRuns: 20_000 }
  )
})
