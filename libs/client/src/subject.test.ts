import { codes } from '@meridian/errors'
import t from 'tap'
import { sdkErrors } from './client-error.ts'
import { matches, partsOf, qualityOf, streamHolds } from './subject.ts'
import { ulid } from './ulid.ts'

const fits = (pattern: string, subject: string): boolean => matches(pattern.split('.'), subject.split('.'))

t.test('a subject is taken apart by its class', async t => {
  t.same(partsOf('tel.summit.ESS.301.temperature.a=2Eb'), {
    class: 'tel',
    site: 'summit',
    csc: 'ESS',
    index: 301,
    topic: 'temperature',
    key: 'a.b'
  })
  t.same(partsOf('hb.summit.MTMount.0'), { class: 'hb', site: 'summit', csc: 'MTMount', index: 0, topic: '' })
  t.match(partsOf('script.summit.1.100017.state'), {
    csc: 'Script',
    index: 100_017,
    queue: 1,
    topic: 'state'
  })
  t.equal(partsOf('evt.s.C.0.t.=C3=A9').key, 'é')
  t.equal(partsOf('evt.s.C.0.t.=FF').key, '=FF', 'bytes that are no text stay as they are')
})

t.test('patterns match as on NATS, and one that names a topic matches its keyed children', async t => {
  t.ok(fits('tel.summit.*.0.azimuth', 'tel.summit.MTMount.0.azimuth'))
  t.ok(fits('tel.summit.>', 'tel.summit.MTMount.0.azimuth'))
  t.ok(fits('>', 'hb.summit.MTMount.0'))
  t.ok(fits('evt.summit.Watcher.0.alarm', 'evt.summit.Watcher.0.alarm.x'))
  t.ok(fits('evt.summit.Watcher.0.*', 'evt.summit.Watcher.0.alarm.x'))
  t.notOk(fits('tel.summit.>', 'tel.summit'))
  t.notOk(fits('tel.summit.MTMount.0', 'tel.summit.MTMount.0.azimuth'))
  t.notOk(fits('*.summit.A.0.b', 'ack.summit.A.0.b.c'))
  t.notOk(fits('evt.summit.Watcher.0.alarm.x', 'evt.summit.Watcher.0.alarm'))
})

t.test('quality defaults by the class of the subject, streams hold the classes of theirs', async t => {
  t.equal(qualityOf({ pattern: 'tel.>' }), 'latest')
  t.equal(qualityOf({ pattern: 'hb.s.>' }), 'latest')
  t.equal(qualityOf({ pattern: 'evt.>' }), 'all')
  t.equal(qualityOf({ pattern: 'tel.>', quality: 'all' }), 'all')
  t.ok(streamHolds('TEL', 'hb'))
  t.notOk(streamHolds('TEL', 'evt'))
  t.ok(streamHolds('NEWER', 'evt'), 'of a stream that is not known here anything may come')
})

t.test('ids are ULIDs in lower case, in order of time and never the same', async t => {
  const ids = new Set(Array.from({ length: 1000 }, () => ulid(1_700_000_000_000)))
  t.equal(ids.size, 1000)
  for (const id of ids) t.match(id, /^01hf7yat00[0-9a-hjkmnp-tv-z]{16}$/)
  t.ok(ulid(1000) < ulid(2000))
})

t.test("the client's own codes stand in the table of all codes with the same words", async t => {
  const table = Object.entries(codes).filter(([code]) => code.startsWith('SDK_'))
  t.same(Object.fromEntries(table), sdkErrors)
})
