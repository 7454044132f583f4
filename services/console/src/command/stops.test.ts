import t from 'tap'
import { summit } from '../../test/harness/summit.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { isStopChord, recallStops, rememberStops, stopsOf } from './stops.ts'

/** A browser's storage, as far as the page uses it. */
function createStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  const held = new Map<string, string>()
  return { getItem: key => held.get(key) ?? null, setItem: (key, value) => void held.set(key, value) }
}

t.test('the general stop comes first, each with the parameters that one press sends', async t => {
  const namesOf = (csc: string) => stopsOf(componentFactsOf(summit, csc)).map(({ command }) => command)
  t.same(namesOf('MTMount'), ['stop', 'stopTracking'])
  t.same(namesOf('MTM1M3'), [
    'abortProfile',
    'abortRaiseM1M3',
    'killForceActuatorBumpTest',
    'stopHardpointMotion'
  ])
  t.same(namesOf('ESS'), [])
  t.same(stopsOf(componentFactsOf(summit, 'MTDome')), [
    { command: 'stop', params: { engageBrakes: false, subSystemIds: 2047 } }
  ])
  const commands = [
    { name: 'halt', fields: [], stop: { parameters: { hard: true } } },
    { name: 'move', fields: [] }
  ]
  t.same(
    stopsOf({ spec: { commands }, stops: { stop: {} } }),
    [
      { command: 'stop', params: {} },
      { command: 'halt', params: { hard: true } }
    ],
    'what only the catalogue tells is one as well'
  )
})

t.test('a browser remembers the stops of the site that told them, and of no other', async t => {
  Object.assign(globalThis, { localStorage: createStorage() })
  t.teardown(() => Reflect.deleteProperty(globalThis, 'localStorage'))
  t.equal(recallStops('summit', 'MTMount'), undefined)
  rememberStops(summit)
  t.same(recallStops('summit', 'MTMount'), { stop: {}, stopTracking: {} })
  t.equal(recallStops('summit', 'ESS'), undefined)
  t.equal(recallStops('summit', 'constructor'), undefined)
  t.equal(recallStops('base', 'MTMount'), undefined)
  t.equal(recallStops(undefined, 'MTMount'), undefined, 'not before it is clear whose site this is')
})

t.test('three keys at once stop, fewer or more of them do not, and a held key stops once', async t => {
  const keys = {
    altKey: true,
    shiftKey: true,
    ctrlKey: false,
    metaKey: false,
    code: 'KeyS',
    key: 'S',
    repeat: false
  }
  t.ok(isStopChord(keys))
  t.ok(isStopChord({ ...keys, code: 'KeyO' }), 'where the letter stands elsewhere')
  t.ok(isStopChord({ ...keys, key: 'Í' }), 'where the chord writes another letter')
  for (const other of [
    { altKey: false },
    { shiftKey: false },
    { ctrlKey: true },
    { metaKey: true },
    { repeat: true },
    { code: 'KeyD', key: 'D' }
  ])
    t.notOk(isStopChord({ ...keys, ...other }), JSON.stringify(other))
})
