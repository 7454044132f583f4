import { setTimeout as sleep } from 'node:timers/promises'
import { makeTopics } from '@meridian/sal/component'
import { createObservatory, type SalBehaviour } from '@meridian/sal/testing'
import { startKafka, waitFor, whyNoKafka } from '@meridian/testing'
import t, { type Test } from 'tap'
import { newId, stagesOf, stagesToEnd } from '../test/harness.ts'
import { accepted, moves, STOP, startSalMount } from '../test/sal-mount.ts'

t.setTimeout(300_000)
const skip = whyNoKafka() ?? false
const kafka = skip === false ? await startKafka() : undefined
const observatory = kafka && (await createObservatory(kafka))
t.teardown(async () => {
  await observatory?.stop()
  await kafka?.stop()
})

const world = (t: Test, behaviour: SalBehaviour) => {
  if (observatory === undefined) throw new Error('there is no Kafka')
  return startSalMount(t, observatory, behaviour)
}

t.test(
  'a command goes out once, as a client of SAL sends it, and its acknowledgements come back',
  { skip },
  async t => {
    const { broker, mount, commander } = await world(t, moves)
    await commander('one')
    const id = await accepted(broker)
    const stages = await stagesToEnd(broker, id)
    t.same(
      stages.map(({ state, ack, result }) => [state, ack, result]),
      [
        ['dispatching', undefined, undefined],
        ['inProgress', 301, ''],
        ['complete', 303, 'Done']
      ]
    )
    const told = mount.commands.filter(({ identity }) => identity.endsWith(`@${id}`))
    t.equal(told.length, 1)
    t.match(told[0], { command: 'moveToTarget', fields: { azimuth: 10, elevation: 60 } })
    t.ok((told[0]?.seqNum ?? 0) > 0 && (told[0]?.origin ?? 0) > 0)
    const failed = await stagesToEnd(broker, await accepted(broker, { params: {} }, STOP))
    t.match(failed.at(-1), { state: 'failed', ack: -302, error: 1, result: 'Failed: stop not allowed' })
  }
)

t.test('what the registry does not know is not sent, and nothing is written', { skip }, async t => {
  const { broker, mount, commander } = await world(t, moves)
  await commander('one')
  const before = mount.commands.length
  const id = await accepted(broker, { params: {} }, { csc: 'MTMount', command: 'closeMirrorCovers' })
  t.match((await stagesToEnd(broker, id)).at(-1), {
    state: 'noack',
    result: /^not sent: MTMount has registered no such/
  })
  t.equal(mount.commands.length, before)
})

t.test(
  "silence is noack; two commanders take no answer for their own that is the other one's",
  { skip },
  async t => {
    const { broker, mount, commander } = await world(t, (command, reply) => {
      if (Number(command.fields['azimuth']) === 99) return
      moves(command, reply)
    })
    await Promise.all([commander('one'), commander('two')])
    const silent = await accepted(broker, { params: { azimuth: 99, elevation: 60 } })
    const ids = await Promise.all(Array.from({ length: 10 }, () => accepted(broker, { id: newId() })))
    for (const id of ids) t.equal((await stagesToEnd(broker, id)).at(-1)?.state, 'complete')
    t.match((await stagesToEnd(broker, silent)).at(-1), { state: 'noack' })
    t.equal(new Set(mount.commands.map(({ identity }) => identity)).size, mount.commands.length, 'each once')
  }
)

t.test('a topic that no component has holds up no acknowledgement', { skip }, async t => {
  const { broker, commander } = await world(t, moves)
  const topics = ['A', 'MTMount', 'Z', '0', 'a'].map(name => `lsst.sal.${name}.old.ackcmd`)
  if (observatory !== undefined) await makeTopics(observatory.access, topics)
  const put = () => observatory?.put(...topics.map(topic => ({ topic, value: Uint8Array.of(1, 2, 3) })))
  await waitFor(() => put()?.then(() => true), { what: 'Kafka takes' })
  await commander('one')
  t.match((await stagesToEnd(broker, await accepted(broker))).at(-1), { state: 'complete' })
})

t.test('all commanders die: the next one reads the answers again from the log', { skip }, async t => {
  let answer: (() => Promise<void>) | undefined
  const { broker, mount, commander } = await world(t, (command, reply) => {
    if (Number(command.fields['azimuth']) !== 42) return moves(command, reply)
    void reply({ ack: 301, timeout: 60 })
    answer = () => reply({ ack: 303, result: 'Done' })
  })
  const first = await commander('one')
  const id = await accepted(broker, { params: { azimuth: 42, elevation: 60 } })
  await waitFor(async () => (await stagesOf(broker, id)).some(({ state }) => state === 'inProgress'), {
    what: 'it is under way'
  })
  first.child.kill('SIGKILL')
  await first.gone
  await answer?.()
  await sleep(200)
  await commander('two')
  const stages = await stagesToEnd(broker, id)
  t.match(stages.at(-1), { state: 'complete', ack: 303, result: 'Done', commander: 'two' })
  t.equal(mount.commands.filter(({ identity }) => identity.endsWith(`@${id}`)).length, 1, 'never sent again')
})
