import { isDeepStrictEqual } from 'node:util'
import { matches, parsePattern } from '@meridian/subjects'
import fc from 'fast-check'
import t from 'tap'
import { createFiledPatterns, type FiledPattern } from './filed-patterns.ts'
import { createLiveTopic, type LiveTopic } from './live-topic.ts'
import { createPatternIndex } from './pattern-index.ts'
import { createUnusedPatterns } from './unused-patterns.ts'

let topicsMade = 0
const topicOf = (subject: string): LiveTopic => createLiveTopic(++topicsMade, subject, 'TEL', false)
const filedOf = (text: string): FiledPattern => ({ pattern: parsePattern(text), file: undefined })

t.test('whoever uses a pattern finds its topics, whichever of them came first', async () => {
  const token = fc.constantFrom('tel', 'evt', 'summit', 'a', 'b', '0')
  const subject = fc.array(token, { minLength: 1, maxLength: 6 }).map(tokens => tokens.join('.'))
  const text = fc
    .tuple(fc.array(fc.oneof(token, fc.constant('*')), { maxLength: 5 }), fc.boolean())
    .map(([tokens, tail]) => [...tokens, ...(tail || tokens.length === 0 ? ['>'] : [])].join('.'))
  const texts = fc.uniqueArray(text, { maxLength: 20 })
  const subjects = fc.uniqueArray(subject, { maxLength: 20 })
  fc.assert(
    fc.property(texts, texts, subjects, (early, late, all) => {
      const index = createPatternIndex<string>()
      const use = (one: string) => index.use(parsePattern(one), one)
      const matching = (of: readonly string[], one: string) =>
        of.filter(it => matches(parsePattern(it), one)).sort()
      for (const one of early) use(one)
      const topics = all.map(topicOf)
      const told = topics.map(topic => [...index.addTopic(topic).keys()].sort())
      for (const one of late) use(one)
      const gone = topics.filter((_, i) => i % 3 === 0)
      const toldOfEnd = gone.map(topic => [...index.removeTopic(topic)].sort())
      const users = [...new Set([...early, ...late])]
      const left = all.filter((_, i) => i % 3 !== 0)
      const found = users.map(one =>
        [...index.topicsOf(parsePattern(one))].map(topic => topic.subject).sort()
      )
      const isFound = users.map(one => left.filter(it => matches(parsePattern(one), it)).sort())
      return isDeepStrictEqual(
        [told, toldOfEnd, found],
        [all.map(one => matching(early, one)), gone.map(one => matching(users, one.subject)), isFound]
      )
    }),
    { numRuns: 500 }
  )
})

t.test('a new topic is held against few of tens of thousands of patterns', async t => {
  const filed = createFiledPatterns<FiledPattern>()
  const all = Array.from({ length: 60_000 }, (_, i) =>
    filedOf(`tel.${i % 2 === 0 ? 'summit' : '*'}.N${i % 7}.*.t${i.toString(36)}`)
  )
  for (const one of [...all, filedOf('>'), filedOf('tel.>'), filedOf('*.summit.*.*.azimuth')]) filed.add(one)
  const texts = (subject: string): string[] => [...filed.candidates(subject)].map(one => one.pattern.text)
  const few = texts('tel.summit.MTMount.0.azimuth')
  t.ok(few.length < 10 && ['*.summit.*.*.azimuth', '>', 'tel.>'].every(one => few.includes(one)), few.join())
  t.ok(texts('tel.summit.N3.0.t3').length < 10, 'a name that one of them has')
  for (const one of all) filed.remove(one)
  t.same(texts('tel.summit.N3.0.t3'), ['>', 'tel.>'])
})

t.test('patterns that match nothing have no sets of their own', async t => {
  const index = createPatternIndex<string>()
  const [one, other] = [parsePattern('tel.a'), parsePattern('tel.b')]
  t.equal(index.pin(one), index.pin(other))
  index.addTopic(topicOf('tel.a'))
  t.equal(index.topicsOf(one).size, 1)
  t.equal(index.topicsOf(other).size, 0)
})

t.test('patterns that are not used any more are kept within limits, without a walk for each', async t => {
  let looks = 0
  const forgotten: string[] = []
  const unused = createUnusedPatterns<ReturnType<typeof keptOf>>(one => forgotten.push(one.pattern.text))
  const keptOf = (text: string, topics: number) => {
    const all = new Set(Array.from({ length: topics }, (_, i) => topicOf(`${text}.${i}`)))
    return {
      pattern: parsePattern(text),
      get topics() {
        looks++
        return all
      }
    }
  }
  for (let i = 0; i < 5_000; i++) unused.keep(keptOf(`t${i}`, 1))
  t.equal(forgotten.length, 5_000 - 256)
  t.ok(looks <= 3 * 5_000, `${looks} looks`)
  forgotten.length = 0
  const large = keptOf('large', 1)
  unused.keep(large)
  unused.grow(large, 199_900)
  t.equal(forgotten.length, 1)
  unused.keep(keptOf('t4998', 1))
  t.match(forgotten, ['t4744', /^t/], 'topics that have come since count')
  unused.delete('large')
})
