import { codes } from '@meridian/errors'
import { keyToken } from '@meridian/subjects'
import t from 'tap'
import { sdkErrors } from './client-error.ts'
import { programErrors } from './program-error.ts'
import { partsOf } from './subject-parts.ts'
import { ulid } from './ulid.ts'
import { workerErrors } from './worker/messages.ts'

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

t.test('what a subject has no value for is empty, and a class that is not known keeps its site', async t => {
  t.same(partsOf('intake.summit.3.MTMount.0.01j'), {
    class: 'intake',
    site: 'summit',
    csc: 'MTMount',
    index: 0,
    topic: '01j'
  })
  t.same(partsOf('newer.summit.X.7'), { class: 'newer', site: 'summit', csc: '', index: 0, topic: '' })
  t.equal(partsOf('evt.s.C.0.t.=').key, '', 'an empty key')
  t.match(partsOf(`evt.s.C.0.t.${keyToken(['x'.repeat(200)])}`).key, /^x+…$/, 'a key that was cut')
})

t.test('ids are ULIDs in lower case, in order of time and never the same', async t => {
  const ids = new Set(Array.from({ length: 1000 }, () => ulid(1_700_000_000_000)))
  t.equal(ids.size, 1000)
  for (const id of ids) t.match(id, /^01hf7yat00[0-9a-hjkmnp-tv-z]{16}$/)
  t.ok(ulid(1000) < ulid(2000))
})

t.test("the client's own codes stand in the table of all codes with the same words", async t => {
  const table = Object.entries(codes).filter(([code]) => code.startsWith('SDK_'))
  t.same(Object.fromEntries(table), { ...sdkErrors, ...programErrors, ...workerErrors })
})
