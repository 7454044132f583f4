import { append } from '@meridian/broker'
import { loadCatalogue } from '@meridian/catalogue'
import { encodeSample, sampleId } from '@meridian/sample'
import { taiSecondsOf } from '@meridian/time'
import t from 'tap'
import { parseAssignment } from '../src/assignment.ts'
import { createStoredSamples } from '../src/stored/stored-samples.ts'
import { setUp } from './producing.ts'

const NOW = taiSecondsOf(Date.now())
const sample = (topic: string, seqNum: number, sndStamp: number, index = 1) => {
  const identity = { csc: 'MTHexapod', index, topic, origin: 7, seqNum, sndStamp }
  const data = encodeSample({
    ...identity,
    ...{ rcvStamp: NOW, identity: '', revCode: '', fields: Uint8Array.of(0x80), uncatalogued: false }
  })
  return { data, id: sampleId(identity) }
}

t.test('what the streams hold of what is assigned says where to go on', async t => {
  const { broker } = await setUp(t)
  const assignment = parseAssignment('MTHexapod:1,MTHexapod:2', '', () => new Map())
  const stored = createStoredSamples({ site: 'summit', assignment, catalogue: loadCatalogue() })
  const subject = 'tel.summit.MTHexapod.1.application'
  const put = (subject: string, { data }: { data: Uint8Array }) => append(broker, { subject, data })
  await stored.read(broker)
  const application = { csc: 'MTHexapod', kind: 'tel', name: 'application' } as const
  t.equal(stored.sinceMs(application), undefined)
  // As two partitions may give it: 2 was read after 3.
  for (const [seqNum, age] of [
    [1, 5],
    [3, 3],
    [2, 4]
  ] as const)
    await put(subject, sample('application', seqNum, NOW - age))
  await put('tel.summit.MTHexapod.2.application', sample('application', 9, NOW - 8, 2))
  await put('hb.summit.MTHexapod.1', sample('heartbeat', 1, NOW - 60))
  await put('evt.summit.MTHexapod.2.summaryState', sample('summaryState', 1, NOW - 5, 2))
  await put('tel.summit.MTMount.0.azimuth', sample('azimuth', 1, NOW))
  await stored.read(broker)

  const aboutSeconds = (ms: number | undefined): number => Math.round(taiSecondsOf(ms ?? 0) - NOW)
  t.equal(aboutSeconds(stored.sinceMs(application)), -18, 'the subject that is behind, and ten seconds')
  t.same([...stored.instances(application)].sort(), [1, 2])
  t.equal(aboutSeconds(stored.sinceMs({ ...application, kind: 'hb', name: 'heartbeat' })), -70)
  t.equal(
    stored.sinceMs({ csc: 'MTMount', kind: 'tel', name: 'azimuth' }),
    undefined,
    'another process has it'
  )

  const has = (seqNum: number, age: number): boolean =>
    stored.has({ subject, sndStamp: NOW - age, id: sample('application', seqNum, NOW - age).id })
  t.equal(has(3, 3), true)
  t.equal(has(2, 4), true, 'though it came later')
  t.equal(has(4, 2), false, 'newer')
  t.equal(has(5, 3.5), false, 'between them, and not stored')
  t.equal(has(0, 6), true, 'older than all that is known')
  stored.forget()
  t.equal(has(3, 3), false)
})

t.test('a stamp that cannot be is no position', async t => {
  const { broker } = await setUp(t)
  const assignment = parseAssignment('rest', '', () => new Map())
  const stored = createStoredSamples({ site: 'summit', assignment, catalogue: loadCatalogue() })
  for (const [topic, stamp] of [
    ['early', 0],
    ['late', 1e300]
  ] as const) {
    await append(broker, { subject: `tel.summit.MTHexapod.1.${topic}`, data: sample(topic, 1, stamp).data })
    await stored.read(broker)
    const ms = stored.sinceMs({ csc: 'MTHexapod', kind: 'tel', name: topic }) ?? 0
    t.ok(Math.abs(Date.now() - ms) < 120_000, 'when it was stored')
  }
})

t.test('a stamp that cannot be hides nothing that is said after it', async t => {
  const { broker } = await setUp(t)
  const assignment = parseAssignment('rest', '', () => new Map())
  const stored = createStoredSamples({ site: 'summit', assignment, catalogue: loadCatalogue() })
  const subject = 'evt.summit.MTHexapod.1.summaryState'
  const far = sample('summaryState', 1, 1e300)
  await append(broker, { subject, data: far.data })
  await stored.read(broker)
  const after = taiSecondsOf(Date.now()) + 0.001
  t.equal(stored.has({ subject, sndStamp: after, id: sample('summaryState', 2, after).id }), false)
  t.equal(stored.has({ subject, sndStamp: 1e300, id: far.id }), true)
  t.equal(stored.has({ subject, sndStamp: NOW - 60, id: sample('summaryState', 0, NOW - 60).id }), true)
})
