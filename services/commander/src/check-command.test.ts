import { openAccess } from '@meridian/auth'
import { loadCatalogue, loadSite, stopParametersOf } from '@meridian/catalogue'
import t from 'tap'
import { type CheckFacts, checkCommand, findOffline, instancesOf } from './check-command.ts'
import { createHeartbeatMonitor } from './heartbeat-monitor.ts'
import { rememberStops } from './load-observatory.ts'

const catalogue = loadCatalogue()
const summit = loadSite('summit', catalogue)
const stopOf = (csc: string, command: string) => stopParametersOf(summit, csc, command)

const { rights: openRights, principal: openPrincipal } = openAccess({ OPEN_ROLE: 'operator' }, summit)

function createFacts(rights: CheckFacts['rights'] = openRights) {
  let nowMs = 1_000_000
  const heartbeats = createHeartbeatMonitor({ steadyMs: () => nowMs })
  const instances = new Map([['MTMount', [0]]])
  const facts = { catalogue, instances, heartbeats, rights, stopParametersOf: stopOf }
  const check = (csc: string, index: number, command: string, params = {}) =>
    checkCommand(facts, { site: 'summit', csc, index, command }, { params, principal: openPrincipal })
  return { heartbeats, check, pass: (ms: number) => (nowMs += ms) }
}

t.test('a component is offline when its heartbeat is silent for more than five seconds', async t => {
  const { heartbeats, pass } = createFacts()
  const mount = { site: 'summit', csc: 'MTMount', index: 0, command: 'enable' }
  t.match(findOffline(heartbeats, mount), { code: 'CMD_OFFLINE', message: /has sent no heartbeat/ })
  heartbeats.beat('MTMount', 0)
  pass(5_000)
  t.equal(findOffline(heartbeats, mount), undefined)
  pass(1)
  t.match(findOffline(heartbeats, mount), { code: 'CMD_OFFLINE', facts: { silentSeconds: 5 } })
  heartbeats.beat('MTMount', 0, 10)
  t.match(findOffline(heartbeats, mount), { code: 'CMD_OFFLINE' }, 'an older heartbeat changes nothing')
})

t.test('an instance that fell silent with all others is not accused', async t => {
  const { heartbeats, pass } = createFacts()
  const mount = { site: 'summit', csc: 'MTMount', index: 0, command: 'enable' }
  heartbeats.beat('MTMount', 0)
  pass(900)
  heartbeats.beat('MTDome', 0)
  pass(6_000)
  t.match(findOffline(heartbeats, mount), { message: /no other heartbeat has come since/ })
  heartbeats.beat('MTDome', 0)
  t.notMatch(findOffline(heartbeats, mount)?.message, /no other heartbeat/)
})

t.test('a Script, which beats every five seconds, may be silent for longer', async t => {
  const { heartbeats, pass } = createFacts()
  heartbeats.beat('Script', 100_001)
  pass(9_000)
  t.ok(heartbeats.alive('Script', 100_001))
})

t.test('an instance outside the list of the site may be commanded once it was heard', async t => {
  const { heartbeats, check } = createFacts()
  t.throws(() => check('MTHexapod', 2, 'enable'), { code: 'CMD_UNKNOWN_INSTANCE', facts: { indices: [] } })
  heartbeats.beat('MTHexapod', 2)
  t.same(check('MTHexapod', 2, 'enable').params, {})
  t.throws(() => check('MTMount', 1, 'enable'), { code: 'CMD_UNKNOWN_INSTANCE', facts: { indices: [0] } })
})

t.test('a refusal suggests the name that differs only in its capitals', async t => {
  const { check } = createFacts()
  t.throws(() => check('mtmount', 0, 'stop'), {
    code: 'CMD_UNKNOWN_COMPONENT',
    message: /did you mean 'MTMount'/
  })
  t.throws(() => check('MTMount', 0, 'movetotarget'), {
    code: 'CMD_UNKNOWN_COMMAND',
    message: /did you mean 'moveToTarget'/
  })
})

t.test('rights are asked for the target and the principal', async t => {
  const { check } = createFacts({
    ...openRights,
    mayCommand: (_principal, { command }) => command !== 'enable'
  })
  t.same(check('MTMount', 0, 'disable').params, {})
  t.throws(() => check('MTMount', 0, 'enable'), {
    code: 'CMD_NOT_ALLOWED',
    facts: { principal: 'anonymous', command: 'enable' }
  })
})

t.test('the list of heartbeats stays bounded, whoever beats', async t => {
  const { heartbeats, pass } = createFacts()
  for (let index = 0; index < 25_000; index++) heartbeats.beat('Flood', index)
  t.equal(heartbeats.ageMs('Flood', 24_999), undefined)
  pass(3_600_001)
  heartbeats.beat('MTMount', 0)
  t.ok(heartbeats.alive('MTMount', 0), 'those long silent make room')
})

t.test('a stop of a component or instance that nobody knows goes out with a warning', async t => {
  const { check } = createFacts()
  t.match(check('Greenhouse', 3, 'stopFans', { now: true }), {
    ...{ isStop: true, params: { now: true }, warning: { code: 'CMD_UNKNOWN_COMPONENT' } }
  })
  t.match(check('MTHexapod', 2, 'stop'), { isStop: true, warning: { code: 'CMD_UNKNOWN_INSTANCE' } })
  t.throws(() => check('Greenhouse', 3, 'water'), { code: 'CMD_UNKNOWN_COMPONENT' })
  t.throws(() => check('MTMount', 0, 'stopp'), { code: 'CMD_UNKNOWN_COMMAND' }, 'its catalogue has no such')
  const denied = createFacts({ ...openRights, mayCommand: () => false })
  t.throws(() => denied.check('MTMount', 0, 'stop'), { code: 'CMD_NOT_ALLOWED' }, 'rights hold for stops too')
})

t.test('every stop of the summit can be sent without parameters, with those of its site', async t => {
  const heartbeats = createHeartbeatMonitor({ steadyMs: () => 1_000 })
  const rights = openRights
  const instances = instancesOf(summit)
  const facts = { catalogue, instances, heartbeats, rights, stopParametersOf: stopOf }
  let stops = 0
  for (const csc of catalogue.components)
    for (const command of catalogue.component(csc)?.commands.keys() ?? []) {
      if (stopOf(csc, command) === undefined) continue
      stops++
      const target = { site: 'summit', csc, index: instances.get(csc)?.[0] ?? 0, command }
      t.ok(checkCommand(facts, target, { params: {}, principal: openPrincipal }).isStop, `${csc}.${command}`)
    }
  t.ok(stops > 25, `${stops} stops`)
  const dome = { site: 'summit', csc: 'MTDome', index: 0, command: 'stop' }
  const principal = openPrincipal
  t.same(checkCommand(facts, dome, { params: { engageBrakes: true }, principal }), {
    ...{ params: { engageBrakes: true, subSystemIds: 2047 }, defaults: ['subSystemIds'], isStop: true }
  })
})

t.test(
  'what a stop is, is worked out once for each command of the catalogue, and for others each time',
  async t => {
    const asked: string[] = []
    const stopParameters = rememberStops(catalogue, (csc, command) => {
      asked.push(`${csc}.${command}`)
      return command === 'stop' ? { device: 1 } : undefined
    })
    for (let i = 0; i < 2; i++) {
      t.same(stopParameters('MTMount', 'stop'), { device: 1 })
      t.equal(stopParameters('MTMount', 'enable'), undefined)
      t.equal(stopParameters('MTMount', 'noSuchCommand'), undefined)
    }
    const once = ['MTMount.stop', 'MTMount.enable']
    t.same(
      asked,
      [...once, 'MTMount.noSuchCommand', 'MTMount.noSuchCommand'],
      'names of anybody fill no memory'
    )
  }
)
