import fc from 'fast-check'
import t from 'tap'
import { disjointFilters, filtersOf, matches, mergeFilters, parsePattern } from './index.ts'

const _mount = { site: 'summit', csc: 'MTMount', index: 0 }
const _plainToken = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)

t.test('a pattern that names a topic matches its keyed children, as docs/subjects.md says', async t => {
  const alarms = parsePattern('evt.summit.Watcher.0.alarm')
  t.ok(matches(alarms, 'evt.summit.Watcher.0.alarm'))
  t.ok(matches(alarms, 'evt.summit.Watcher.0.alarm.Enabled=2EMTMount'))
  t.notOk(matches(alarms, 'evt.summit.Watcher.0.alarms.x'))
  t.notOk(matches(alarms, 'evt.summit.Watcher.0.alarm.a.b'))
  t.same(filtersOf(alarms), ['evt.summit.Watcher.0.alarm', 'evt.summit.Watcher.0.alarm.*'])
  t.ok(matches(parsePattern('tel.summit.ESS.301.*'), 'tel.summit.ESS.301.temperature.a'))
  t.notOk(matches(parsePattern('tel.summit.ESS.301'), 'tel.summit.ESS.301.temperature'))
  t.notOk(
    matches(parsePattern('raw.summit.X.0.tel'), 'raw.summit.X.0.tel.climate'),
    'only telemetry and events have keys'
  )
  t.notOk(matches(parsePattern('*.summit.0.X.0'), 'intake.summit.0.X.0.id'))
  t.same(filtersOf(parsePattern('tel.summit.>')), ['tel.summit.>'])
})

const filters = (...patterns: string[]): readonly string[] => disjointFilters(patterns.map(parsePattern))

t.test('patterns become filters that a consumer takes: none inside another, none overlapping', async t => {
  t.same(filters('evt.summit.MTMount.0.a'), ['evt.summit.MTMount.0.a', 'evt.summit.MTMount.0.a.*'])
  t.same(filters('evt.summit.>', 'evt.summit.MTMount.0.a'), ['evt.summit.>'])
  t.same(filters('ack.summit.A.0.x', 'ack.summit.A.0.y'), ['ack.summit.A.0.x', 'ack.summit.A.0.y'])
  t.same(filters('ack.*.A.0.x', 'ack.summit.*.0.x'), ['ack.*.*.0.x'], 'these overlap in part')
  t.same(filters('>'), ['>'])
  t.same(filters(...Array.from({ length: 40 }, (_, i) => `evt.summit.A.${i}.b`)), [], 'too many')
  const many = Array.from({ length: 40 }, (_, i) => [`evt.summit.A.${i}.b`, `evt.*.A.${i}.b`]).flat()
  t.same(filters(...many, 'evt.>'), ['evt.>'], 'all of them inside one')
})

t.test('thousands of patterns are split once each, and held against 64 at most', async t => {
  const ofEach = (count: number): string[] =>
    Array.from({ length: count }, (_, i) => [`evt.summit.A.${i}.b`, `evt.*.B.${i}.>`]).flat()
  const patterns = ofEach(1_000).map(parsePattern)
  let [looks, splits] = [0, 0]
  const { findIndex } = Array.prototype
  const { split } = String.prototype
  // Not by t.intercept: it keeps a record of each call.
  Array.prototype.findIndex = function (test) {
    return Reflect.apply(findIndex, this, [(...args: Parameters<typeof test>) => ++looks && test(...args)])
  }
  String.prototype.split = function (by: unknown) {
    splits++
    return Reflect.apply(split, this, [by])
  }
  const none = disjointFilters(patterns)
  const counted = { looks, splits }
  const all = mergeFilters(ofEach(100))
  const more = splits - counted.splits
  Array.prototype.findIndex = findIndex
  String.prototype.split = split
  t.same(none, [])
  t.ok(counted.looks <= 65 * 65, `${counted.looks} filters looked at`)
  t.ok(counted.splits <= 3_000, `${counted.splits} texts split`)
  t.equal(all.length, 200)
  t.ok(more <= 200, `${more} texts split where there is no limit`)
})

t.test('filters are merged into ones that do not overlap and select all that they selected', async t => {
  t.same(mergeFilters(['a.b', 'a.*', 'a.b', 'a.c']), ['a.*'])
  t.same(mergeFilters(['a.*.c', 'a.b.*', 'b.>']), ['a.*.*', 'b.>'])
  t.same(mergeFilters(['*.b', 'a.>']), ['*.>'])
  t.same(mergeFilters(['a.*.c', 'a.b.>']), ['a.*.>'])
  t.same(mergeFilters(['a.*.c.d', 'a.b.*.d', '*.b.c.*']), ['*.*.*.*'], 'a joined one meets a third')
  const many = Array.from({ length: 5_000 }, (_, i) => `a.${i}`)
  t.same(mergeFilters(many), many.sort())
})

t.test('patterns follow the rules of NATS', async t => {
  const subject = 'tel.summit.MTMount.0.azimuth'
  for (const yes of ['>', 'tel.>', 'tel.*.MTMount.>', '*.*.*.*.*', subject])
    t.ok(matches(parsePattern(yes), subject), yes)
  for (const no of [
    'tel',
    'tel.*',
    'evt.>',
    `${subject}.>`,
    `${subject}.*`,
    'tel.summit.MTMount.0.azimut',
    '*'
  ])
    t.notOk(matches(parsePattern(no), subject), no)
})

t.test('nonsense patterns are refused with WIR_BAD_PATTERN', async t => {
  const long = `tel.${'a.'.repeat(130)}b`
  const wrong = [
    '',
    '.',
    'a..b',
    '>.a',
    'a.>.b',
    'a>',
    'a*',
    'a.*b',
    'a b',
    '.a',
    'a.',
    long,
    'a.'.repeat(16).concat('b'),
    'ä'
  ]
  for (const text of [...wrong, undefined, 7, {}, ['tel.>']]) {
    t.throws(() => parsePattern(text), { code: 'WIR_BAD_PATTERN' }, String(text).slice(0, 40))
  }
})

t.test('matching agrees with a plain reading of the rules on random patterns', async () => {
  const word = fc.constantFrom('tel', 'evt', 'raw', 'a', 'b', 'ab')
  const subjects = fc.array(word, { minLength: 1, maxLength: 7 })
  const patterns = fc.tuple(fc.array(fc.oneof(word, fc.constant('*')), { maxLength: 6 }), fc.boolean())
  const property = fc.property(subjects, patterns, (s, [p, tail]) => {
    if (p.length === 0 && !tail) return true
    const text = [...p, ...(tail ? ['>'] : [])].join('.')
    return matches(parsePattern(text), s.join('.')) === matchesPlainly(p, tail, s)
  })
  fc.assert(property, { numRuns: 3000 })
})

function matchesPlainly(p: readonly string[], tail: boolean, s: readonly string[]): boolean {
  const fits = p.every((word, i) => s[i] !== undefined && (word === '*' || word === s[i]))
  if (!fits) return false
  if (tail) return s.length > p.length
  const keyedChild = p.length === 5 && s.length === 6 && (s[0] === 'tel' || s[0] === 'evt')
  return s.length === p.length || keyedChild
}
