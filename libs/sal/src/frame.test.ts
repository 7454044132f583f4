import t from 'tap'
import {
  FRAME_BYTES,
  frameOf,
  kafkaTopicOf,
  parseKafkaTopic,
  registrySubjectOf,
  schemaIdOf
} from './index.ts'

t.test('a value names its schema', async t => {
  const value = frameOf(3_000_000_001, Uint8Array.of(7, 8))
  t.same([...value], [0, 0xb2, 0xd0, 0x5e, 0x01, 7, 8])
  t.equal(schemaIdOf(value), 3_000_000_001)
  t.same([...value.subarray(FRAME_BYTES)], [7, 8])
})

t.test('what is no value of SAL is refused, and says why', async t => {
  t.throws(() => schemaIdOf(Uint8Array.of(0, 0, 0)), { code: 'SAL_BAD_MESSAGE', message: /it has 3 bytes/ })
  t.throws(() => schemaIdOf(Buffer.from('{"a": 1}')), { code: 'SAL_BAD_MESSAGE', message: /byte 123/ })
})

t.test('names of topics are built and read', async t => {
  const topics = [
    ['lsst.sal.MTMount.azimuth', 'telemetry', 'azimuth'],
    ['lsst.sal.MTMount.logevent_azimuthInPosition', 'event', 'azimuthInPosition'],
    ['lsst.sal.MTMount.command_moveToTarget', 'command', 'moveToTarget'],
    ['lsst.sal.MTMount.ackcmd', 'ackcmd', 'ackcmd']
  ] as const
  for (const [text, kind, name] of topics) {
    const topic = parseKafkaTopic(text)
    t.same(topic, { subname: 'sal', csc: 'MTMount', kind, name })
    t.equal(kafkaTopicOf(topic), text)
  }
  t.equal(
    registrySubjectOf(parseKafkaTopic('lsst.tucson.ESS.temperature')),
    'lsst.tucson.ESS.temperature-value'
  )
})

t.test('what is no topic of SAL is refused', async t => {
  for (const text of [
    '',
    'lsst',
    'lsst.sal.MTMount',
    'other.sal.MTMount.azimuth',
    'lsst.sal.MTMount.a.b',
    'lsst..MTMount.azimuth'
  ])
    t.throws(() => parseKafkaTopic(text), { code: 'SAL_BAD_TOPIC' }, text)
})
