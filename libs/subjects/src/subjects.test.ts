import fc from 'fast-check'
import t from 'tap'
import * as subjects from './index.ts'
import {
  ackOf,
  auditOf,
  commanderAliveOf,
  commandOf,
  eventOf,
  everythingBelow,
  execOf,
  execReplyOf,
  gatewayClientsOf,
  gatewayLoadOf,
  heartbeatOf,
  intakeByIdOf,
  intakeOf,
  isKeptUnder,
  joinSubject,
  keptForms,
  keyTextOf,
  keyToken,
  MAX_TOKEN,
  matches,
  parsePattern,
  parseSubject,
  partitionFilterOf,
  partitionOf,
  patternOf,
  payloadKindOf,
  rawEventOf,
  rawHeartbeatOf,
  rawTelemetryOf,
  readSubject,
  type Subject,
  type SubjectName,
  type SubjectValues,
  scriptOf,
  streamHolds,
  streamNames,
  streamOf,
  streamSubjects,
  streamsUnder,
  subjectOf,
  subjectTable,
  telemetryOf,
  token,
  traitsOf
} from './index.ts'
import { isNumberName } from './subject-table.ts'

const mount = { site: 'summit', csc: 'MTMount', index: 0 }
const plainToken = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/)

t.test('each subject that is built comes apart into what it was built from', async t => {
  const azimuth = { ...mount, topic: 'azimuth' }
  t.same(parseSubject(telemetryOf(azimuth)), { class: 'tel', ...azimuth, key: undefined })
  t.same(parseSubject(eventOf({ ...azimuth, key: 'a=2Eb' })), { class: 'evt', ...azimuth, key: 'a=2Eb' })
  t.same(parseSubject(heartbeatOf(mount)), { class: 'hb', ...mount })
  const script = { site: 'summit', queue: 1, scriptIndex: 100_007, topic: 'state' }
  t.same(parseSubject(scriptOf(script)), { class: 'script', ...script })
  t.same(parseSubject(commandOf(mount, 'stop')), { class: 'cmd', ...mount, command: 'stop' })
  t.same(parseSubject(execOf(mount, 'stop')), { class: 'exec', ...mount, command: 'stop' })
  t.same(parseSubject(intakeOf(mount, '01j')), {
    class: 'intake',
    ...mount,
    partition: partitionOf(mount),
    id: '01j'
  })
  t.same(parseSubject(ackOf(mount, '01j')), { class: 'ack', ...mount, id: '01j' })
  t.same(parseSubject(rawTelemetryOf(azimuth)), { class: 'raw', ...azimuth, kind: 'tel' })
  t.same(parseSubject(rawEventOf(azimuth)), { class: 'raw', ...azimuth, kind: 'evt' })
  t.same(parseSubject(rawHeartbeatOf(mount)), { class: 'raw', ...mount, kind: 'hb' })
  t.same(parseSubject(auditOf('summit', 'login')), { class: 'audit', site: 'summit', kind: 'login' })
  t.same(parseSubject(gatewayLoadOf('summit')), { class: 'gw', site: 'summit' })
  t.same(parseSubject(gatewayClientsOf('summit')), { class: 'gw', kind: 'clients', site: 'summit' })
  t.same(parseSubject(commanderAliveOf('summit')), { class: 'cmdr', site: 'summit' })
  t.same(parseSubject('job.run.summit.export'), {
    class: 'job',
    phase: 'run',
    site: 'summit',
    kind: 'export'
  })
  t.same(parseSubject('job.state.summit.7'), { class: 'job', phase: 'state', site: 'summit', jobId: '7' })
  t.same(parseSubject(execReplyOf('summit', '01j')), { class: '_INBOX_cmdr', site: 'summit', id: '01j' })
})

t.test('every row of the table builds a subject that comes apart by the same row', async t => {
  for (const name of Object.keys(subjectTable) as SubjectName[]) {
    const names = [...subjectTable[name].form.matchAll(/<(\w+)>/g)].map(([, value = '']) => value)
    const values = Object.fromEntries(
      names.map(value => [value, isNumberName(value) ? 3 : value])
    ) as SubjectValues<SubjectName>
    const subject = subjectOf(name, values)
    t.equal(joinSubject(name, values), subject)
    const parsed = parseSubject(subject)
    t.equal(subject.split('.')[0], parsed.class, name)
    t.equal(subjectOf(name, { ...values, ...parsed }), subject)
    t.equal(streamOf(subject), 'stream' in subjectTable[name] ? subjectTable[name].stream : undefined, name)
    t.equal(payloadKindOf(subject), subjectTable[name].payload, name)
    t.ok(matches(parsePattern(patternOf(name, {})), subject), name)
    t.ok(matches(parsePattern(everythingBelow(name, {})), subject), name)
    t.match(everythingBelow(name, { site: 's' }), /\.s\.>$/)
  }
})

t.test('the types of a subject are those that a person would write', async t => {
  type Instance = { readonly site: string; readonly csc: string; readonly index: number }
  type Written =
    | (Instance & { readonly class: 'tel'; readonly topic: string; readonly key: string | undefined })
    | (Instance & { readonly class: 'hb' })
    | (Instance & { readonly class: 'raw'; readonly kind: 'hb' })
    | (Instance & { readonly class: 'raw'; readonly kind: 'tel'; readonly topic: string })
    | (Instance & { readonly class: 'intake'; readonly partition: number; readonly id: string })
    | { readonly class: 'job'; readonly phase: 'run'; readonly site: string; readonly kind: string }
  type Same<A, B> = [A, B] extends [B, A] ? true : false
  type Derived =
    | Extract<Subject, { class: 'tel' | 'hb' | 'intake' }>
    | Extract<Subject, { kind: 'hb' | 'tel' }>
    | Extract<Subject, { phase: 'run' }>
  const same: Same<Written, Derived> = true
  t.ok(same)
})

t.test('the rows of one class agree in what is asked by class alone', async t => {
  const byClass = new Map<string, object>()
  for (const { form, payload, flush, quality } of Object.values(subjectTable)) {
    const name = form.split('.')[0] ?? ''
    t.same({ payload, flush, quality }, byClass.get(name) ?? { payload, flush, quality }, form)
    byClass.set(name, { payload, flush, quality })
  }
})

t.test('a pattern takes * for each value that is not given, or > for all that follow', async t => {
  t.equal(patternOf('evt', { topic: 'summaryState' }), 'evt.*.*.*.summaryState')
  t.equal(intakeByIdOf('summit', '01j'), 'intake.summit.*.*.*.01j')
  t.equal(everythingBelow('tel', {}), 'tel.>')
  t.equal(everythingBelow('jobRun', {}), 'job.run.>')
  t.equal(everythingBelow('rawHeartbeat', { csc: 'ESS', index: 301 }), 'raw.*.ESS.301.>')
  t.equal(partitionFilterOf('summit', 3), 'intake.summit.3.>')
  t.throws(() => intakeByIdOf('summit', '>'), { code: 'WIR_BAD_SUBJECT' })
  t.throws(() => patternOf('evt', { index: 1.5 }), { code: 'WIR_BAD_SUBJECT' })
})

t.test('a key belongs to topics that may be keyed and to nothing else', async t => {
  const keyed = { ...mount, topic: 'alarm', key: 'a' }
  t.equal(eventOf(keyed), 'evt.summit.MTMount.0.alarm.a')
  t.equal(rawEventOf(keyed), 'raw.summit.MTMount.0.evt.alarm')
  t.equal(readSubject('hb.summit.MTMount.0.a'), undefined)
})

t.test('streams know their classes, kind, flush and subjects', async t => {
  t.same(traitsOf('TEL'), { name: 'TEL', kind: 'state', classes: ['tel', 'hb'], flush: 'tick' })
  t.same(traitsOf('COMMANDS'), { name: 'COMMANDS', kind: 'log', classes: ['intake', 'ack'], flush: 'now' })
  t.same(streamSubjects('TEL', 'summit'), ['tel.summit.>', 'hb.summit.>'])
  t.same(streamSubjects('JOBSTATE', 'summit'), ['job.state.summit.>'])
  for (const name of streamNames) {
    const flush = Object.values(subjectTable)
      .filter(row => 'stream' in row && row.stream === name)
      .map(row => row.flush)
    t.same([...new Set(flush)], [traitsOf(name).flush], `${name} is flushed in one way`)
  }
  t.ok(streamHolds('TEL', 'hb'))
  t.notOk(streamHolds('TEL', 'evt'))
  t.ok(streamHolds('TEL', '*'))
  t.ok(streamHolds('NEWER', 'evt'), 'of a stream that is not known here anything may come')
  t.same(streamsUnder(parsePattern('tel.>')), ['TEL'])
  t.same(streamsUnder(parsePattern('>')), streamNames)
})

const kept = { streams: ['TEL', 'EVT', 'COMMANDS'], site: 'summit' } as const

t.test('a pattern under which a stream keeps nothing, whatever is published, is told apart', async t => {
  for (const text of [
    ...['>', '*.>', '*.*.*.*', 'tel.>', 'tel.summit.>', 'tel.*.MTMount.0.azimuth', 'hb.summit.MTMount.0'],
    ...['evt.summit.Watcher.0.alarm', 'evt.summit.Watcher.0.alarm.>', 'evt.summit.*.*.alarm.key'],
    ...['*.*.*.7.*', 'ack.summit.MTMount.0.id', 'intake.summit.3.MTMount.0.id', 'tel.summit.a.2147483647.t']
  ])
    t.ok(isKeptUnder(parsePattern(text), kept), text)
  for (const text of [
    ...['raw.>', 'cmd.summit.>', 'script.summit.>', 'TEL.>', 'tel.base.>', 'tel', 'tel.summit', '*', '*.*'],
    ...['tel.summit.MTMount.azimuth', 'tel.summit.MTMount.x.azimuth', 'tel.summit.a.2147483648.t'],
    ...['hb.summit.MTMount.0.beat', 'hb.summit.MTMount.0.>', 'evt.summit.Watcher.0.alarm.key.>'],
    ...['evt.summit.Watcher.0.alarm.key.more', 'intake.summit.a.MTMount.0.id', 'ack.*.MTMount.0.id.>']
  ])
    t.notOk(isKeptUnder(parsePattern(text), kept), text)
  t.same(keptForms({ streams: ['TEL'], site: 'base' }), [
    'tel.base.<csc>.<index>.<topic>',
    'hb.base.<csc>.<index>'
  ])
})

t.test('whatever is kept under a random pattern, the pattern is known to bring it', async () => {
  const csc = fc.constantFrom('a', 'b')
  const index = fc.constantFrom(0, 7)
  const topic = fc.constantFrom('t', 'u')
  const ours = fc
    .tuple(fc.constantFrom('tel', 'evt', 'ack'), csc, index, topic, fc.constantFrom('', '.key'))
    .map(
      ([kind, csc, index, topic, key]) =>
        `${kind}.summit.${csc}.${index}.${topic}${kind === 'ack' ? '' : key}`
    )
  const word = fc.constantFrom('tel', 'evt', 'ack', 'summit', 'base', 'a', '0', '7', 't', 'key', '*')
  const texts = fc
    .tuple(fc.array(word, { minLength: 1, maxLength: 6 }), fc.boolean())
    .map(([tokens, tail]) => [...tokens, ...(tail ? ['>'] : [])].join('.'))
  const property = fc.property(ours, texts, fc.infiniteStream(fc.boolean()), (subject, text, stars) => {
    const widened = subject.split('.').map(token => (stars.next().value === true ? '*' : token))
    for (const pattern of [parsePattern(text), parsePattern(widened.join('.'))])
      if (matches(pattern, subject) && !isKeptUnder(pattern, kept)) return false
    return true
  })
  fc.assert(property, { numRuns: 3000 })
})

t.test('quality defaults to latest where everything under the pattern is telemetry', async t => {
  t.equal(subjects.defaultQualityOf('tel.>'), 'latest')
  t.equal(subjects.defaultQualityOf('hb.s.>'), 'latest')
  for (const pattern of ['evt.>', 'ack.s.>', '>', '*.s.>', 'newer.>'])
    t.equal(subjects.defaultQualityOf(pattern), 'all')
})

t.test('what is not a subject of ours is refused with WIR_BAD_SUBJECT', async t => {
  const wrong = [
    '',
    '.',
    'tel',
    'tel.summit',
    'tel.summit.MTMount.x.azimuth',
    'tel.summit.MTMount.-1.azimuth',
    'tel.summit.MTMount.4294967296.azimuth',
    'tel.summit.MTMount.0.azimuth.key.more',
    'tel.summit.MTMount.0.*',
    'tel.summit.MTMount.0.>',
    'tel.summit.MTMount.0.azi muth',
    'raw.summit.MTMount.0.odd.azimuth',
    'raw.summit.MTMount.0.hb.azimuth',
    'raw.summit.MTMount.0.tel',
    'script.summit.one.1.state',
    'constructor.summit',
    'job.walk.summit.x',
    `tel.summit.MTMount.0.${'a'.repeat(260)}`
  ]
  for (const subject of wrong)
    t.throws(() => parseSubject(subject), { code: 'WIR_BAD_SUBJECT' }, subject.slice(0, 60))
  t.throws(() => token('a.b'), { code: 'WIR_BAD_SUBJECT' })
})

t.test(
  'a key token lets letters, digits, dash and underscore stand and spells out every other byte',
  async t => {
    t.equal(keyToken(['Outside_Temp-1']), 'Outside_Temp-1')
    t.equal(keyToken(['a b.c']), 'a=20b=2Ec')
    t.equal(keyToken(['Kälte']), 'K=C3=A4lte')
    t.equal(keyToken([301, true]), '301=2Etrue')
    t.equal(keyToken(['']), '=', 'an empty key is a token too')
    t.equal(keyTextOf(keyToken(['Kälte', 'x y'])), 'Kälte.x y')
    t.equal(keyTextOf('='), '')
    t.equal(keyTextOf('=FF'), '=FF', 'bytes that are no text stay as they are')
  }
)

t.test('a long key is cut to a token of its own that says so', async t => {
  const one = keyToken([`${'é'.repeat(100)}1`])
  const other = keyToken([`${'é'.repeat(100)}2`])
  t.ok(one.length <= MAX_TOKEN)
  t.not(one, other)
  t.match(keyTextOf(one), /^é+…$/)
  t.equal(keyToken(['x'.repeat(MAX_TOKEN)]).length, MAX_TOKEN, 'exactly 120 characters are not cut')
  t.equal(
    keyToken(['x'.repeat(121)]),
    `${'x'.repeat(102)}=-292fc88f0fa2a715`,
    'the token is part of stored subjects: its bytes never change'
  )
})

t.test('any keys make one token, and different keys different ones', async () => {
  const keys = fc.array(fc.string({ unit: 'binary', maxLength: 80 }), { minLength: 1, maxLength: 3 })
  fc.assert(fc.property(keys, values => token(keyToken(values)) === keyToken(values)))
  const text = fc.string({ unit: 'grapheme', maxLength: 200 })
  fc.assert(fc.property(text, text, (a, b) => (a === b) === (keyToken([a]) === keyToken([b]))))
  const isCut = (key: string): boolean => key.includes('=-')
  fc.assert(
    fc.property(text, a => {
      const key = keyToken([a])
      const shown = keyTextOf(key)
      return isCut(key) ? a.startsWith(shown.slice(0, -1)) && shown.endsWith('…') : shown === a
    })
  )
})

t.test('a random subject of telemetry survives building and parsing', async () => {
  fc.assert(
    fc.property(plainToken, plainToken, fc.nat(0x7fffffff), plainToken, (site, csc, index, topic) => {
      const parsed = parseSubject(telemetryOf({ site, csc, index, topic }))
      return parsed.class === 'tel' && parsed.csc === csc && parsed.index === index && parsed.topic === topic
    })
  )
})
