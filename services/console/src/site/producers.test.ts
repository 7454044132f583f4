import t from 'tap'
import { beat, beats, carries, fleetOf, NOW, state, TAI, update } from '../../test/harness/fleet-world.ts'
import { type Reading, readsAll } from '../session/reading.ts'
import { SILENT_AFTER_MS } from './condition.ts'
import { commandersLostMs } from './silent-commanders.ts'
import { silenceText, silentProducersOf } from './silent-producers.ts'
import { unheardStateOf } from './unheard-state.ts'

t.test("while its producer is silent a component is not judged, and the producer's name is told", async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  for (const id of ['MTMount:0', 'MTDome:0', 'ESS:301']) {
    state(fleet, id, 2)
    beat(fleet, id)
  }
  carries(fleet, 1, ['MTMount:0'])
  carries(fleet, 2, [], true)
  beats(fleet, 'Producer:1', 0, 9000)
  judgedAtMs.value = NOW + 9000
  t.equal(conditionOf('MTMount:0'), 'silent', 'its producer beats, so it would have been heard')
  t.equal(conditionOf('MTDome:0'), 'unjudged')
  t.match(silentProducersOf(fleet), [{ process: { id: 'Producer:2' }, unjudged: 2 }])
  beat(fleet, 'MTDome:0', NOW + 9000)
  t.equal(conditionOf('MTDome:0'), 'enabled', 'what is heard by another way is alive')
})

t.test('a producer that beats again gives its components time to be heard, and then blames them', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  beat(fleet, 'MTMount:0')
  carries(fleet, 1, [], true)
  beats(fleet, 'Producer:1', 0, 1000)
  judgedAtMs.value = NOW + 9000
  t.equal(conditionOf('MTMount:0'), 'unjudged')
  const texts = () => silentProducersOf(fleet).map(silenceText)
  t.same(texts(), ['PRODUCER 1 SILENT: 1 component not judged'])
  for (const [at, condition, said] of [
    [10_000, 'unjudged', ['PRODUCER 1 IS BACK: 1 component not judged yet']],
    [14_000, 'unjudged', ['PRODUCER 1 IS BACK: 1 component not judged yet']],
    [15_000, 'silent', []]
  ] as const) {
    beats(fleet, 'Producer:1', Math.max(9000, at - 4000), at)
    judgedAtMs.value = NOW + at
    t.equal(conditionOf('MTMount:0'), condition, `${at - 10_000} ms after it came back`)
    t.same(texts(), said)
  }
})

t.test('a producer that stands still again and again, as long each time, takes nobody with it', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  beat(fleet, 'MTMount:0')
  carries(fleet, 1, [], true)
  let at = 0
  const together = (): void => {
    judgedAtMs.value = NOW + at
    beat(fleet, 'Producer:1', NOW + at)
    t.not(conditionOf('MTMount:0'), 'silent', `${at} ms, as its producer goes on`)
    beat(fleet, 'MTMount:0', NOW + at + 50)
  }
  for (let freeze = 0; freeze < 8; freeze++) {
    for (let beaten = 0; beaten < (freeze === 0 ? 8 : 1); beaten++, at += 1000) together()
    at += 6000
  }
})

t.test('what was silent before its producer stays so while that is silent, and when it is back', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  for (const id of ['MTMount:0', 'MTDome:0']) {
    state(fleet, id, 2)
    beat(fleet, id)
  }
  carries(fleet, 1, [], true)
  beats(fleet, 'Producer:1', 0, 20_000)
  beats(fleet, 'MTMount:0', 0, 20_000)
  const both = (at: number) => {
    judgedAtMs.value = NOW + at
    return [conditionOf('MTDome:0'), conditionOf('MTMount:0')]
  }
  t.same(both(20_000), ['silent', 'enabled'])
  t.same(both(29_000), ['silent', 'unjudged'], 'the producer has stopped')
  beat(fleet, 'Producer:1', NOW + 29_500)
  t.same(both(29_600), ['silent', 'unjudged'], 'it is back')
  t.match(silentProducersOf(fleet), [{ unjudged: 1 }])
})

t.test('a component is judged as of the last beat of its producer, however the two end', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  beat(fleet, 'MTMount:0', NOW - 900)
  carries(fleet, 1, ['MTMount:0'])
  for (const passed of [4000, 4500, 5000, 5001]) {
    judgedAtMs.value = NOW + passed
    t.not(conditionOf('MTMount:0'), 'silent', `${passed} ms after both stopped`)
  }
  t.equal(conditionOf('MTMount:0'), 'unjudged')
})

t.test(
  'a state that was said before its producer began is told, unless another has listened since',
  async t => {
    const { fleet } = fleetOf()
    const start = (index: number, received: number): void =>
      fleet.apply(
        update(
          `evt.summit.Producer.${index}.carries`,
          { instances: ['MTDome:0'], others: false },
          { received }
        ),
        NOW
      )
    const unheard = () => {
      const model = fleet.find('MTDome:0')
      return model && unheardStateOf(fleet, model)
    }
    state(fleet, 'MTDome:0', 2, { received: TAI - 100 })
    beat(fleet, 'Producer:1')
    t.equal(unheard(), undefined, 'nothing is known of its producer')
    start(1, TAI - 99.9)
    t.equal(unheard(), undefined, 'both began together')
    start(1, TAI - 50)
    t.same(unheard(), { producer: 'producer 1', said: TAI - 100, since: TAI - 50 })
    beat(fleet, 'Producer:2')
    start(2, TAI - 200)
    t.equal(unheard(), undefined, 'another has listened all the time')
    start(2, TAI - 20)
    t.match(unheard(), { producer: 'producer 1' })
    state(fleet, 'MTDome:0', 2, { received: TAI - 10 })
    t.equal(unheard(), undefined, 'it said so again')
  }
)

t.test('a producer that another stands in for blames nobody', async t => {
  const { fleet, judgedAtMs, conditionOf } = fleetOf()
  state(fleet, 'MTMount:0', 2)
  carries(fleet, 1, ['MTMount:0'])
  carries(fleet, 2, ['MTMount:0'])
  judgedAtMs.value = NOW + 60_000
  beats(fleet, 'Producer:2', 0, 60_000)
  beat(fleet, 'MTMount:0', NOW + 60_000)
  t.equal(conditionOf('MTMount:0'), 'enabled')
  t.same(silentProducersOf(fleet), [])
  t.same(
    fleet.processes.all.value.map(({ id, isSilent }) => [id, isSilent.value]),
    [
      ['Producer:1', true],
      ['Producer:2', false]
    ]
  )
})

t.test('commanders are lost when the last of them is silent, and not where there are none', async t => {
  const { fleet, judgedAtMs } = fleetOf()
  t.equal(commandersLostMs(fleet), undefined)
  beat(fleet, 'Commander:1', NOW)
  beat(fleet, 'Commander:2', NOW)
  beats(fleet, 'Commander:2', 0, 10_000)
  judgedAtMs.value = NOW + 10_000
  t.equal(commandersLostMs(fleet), undefined, 'one suffices')
  judgedAtMs.value = NOW + 10_000 + SILENT_AFTER_MS + 1
  t.equal(commandersLostMs(fleet), NOW + 10_000)
  beat(fleet, 'Commander:1', NOW + 16_000)
  t.equal(commandersLostMs(fleet), undefined)
})

t.test(
  'a producer whose heartbeat may not be read is never silent, and lets its components be judged',
  async t => {
    const reading: Reading = { ...readsAll, may: pattern => !pattern.includes('Producer') }
    const { fleet, judgedAtMs, conditionOf } = fleetOf(undefined, { reading })
    carries(fleet, 1, ['MTMount:0'])
    state(fleet, 'MTMount:0', 2)
    beat(fleet, 'MTMount:0')
    judgedAtMs.value = NOW + 4000
    t.equal(conditionOf('MTMount:0'), 'enabled')
    judgedAtMs.value = NOW + 60_000
    t.equal(conditionOf('MTMount:0'), 'silent')
    t.same(silentProducersOf(fleet), [])
  }
)
