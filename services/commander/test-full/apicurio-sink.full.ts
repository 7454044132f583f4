// The way of one command, as in kafka-sink.full.ts, with the summit's version of Kafka, and a registry of schemas that is not our own.
import { createObservatoryWith } from '@meridian/sal/testing'
import { startApicurio, startKafka, whyNoApicurio, whyNoKafka } from '@meridian/testing'
import t from 'tap'
import { stagesToEnd } from '../test/harness.ts'
import { accepted, moves, startSalMount } from '../test/sal-mount.ts'

t.setTimeout(120_000)
/** As the summit runs it. */
const SUMMIT = { version: '3.9.1', sasl: true }
const skip = whyNoApicurio() ?? whyNoKafka(SUMMIT.version) ?? false

t.test('a command goes out by a schema of Apicurio, and is acknowledged', { skip }, async t => {
  const [kafka, apicurio] = await Promise.all([startKafka(SUMMIT), startApicurio()])
  t.teardown(() => kafka.stop())
  const observatory = createObservatoryWith(kafka, apicurio)
  t.teardown(() => observatory.stop())
  const { broker, mount, commander } = await startSalMount(t, observatory, moves)
  await commander('one')
  const stages = await stagesToEnd(broker, await accepted(broker))
  t.same(
    stages.map(({ state }) => state),
    ['dispatching', 'inProgress', 'complete']
  )
  t.match(mount.commands, [{ command: 'moveToTarget', fields: { azimuth: 10, elevation: 60 } }])
  const unknown = await accepted(broker, { params: {} }, { csc: 'MTMount', command: 'closeMirrorCovers' })
  t.match((await stagesToEnd(broker, unknown)).at(-1), {
    state: 'noack',
    result: /^not sent: MTMount has registered no such/
  })
  t.equal(mount.commands.length, 1)
})
