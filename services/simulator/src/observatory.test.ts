import type { ExecReply } from '@meridian/protocol/commands'
import t from 'tap'
import { START_TAI, simulateOffline } from '../test/simulate-offline.ts'

const MOUNT = { csc: 'MTMount', index: 0 }
const DOME = { csc: 'MTDome', index: 0 }
const acks = (replies: readonly ExecReply[]): number[] => replies.map(({ ack }) => ack)
const withoutPrivate = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !name.startsWith('private_')))

t.test('a component says at start what real ones say, in their order', async t => {
  const offline = simulateOffline({ instances: [{ csc: 'MTRotator', index: 0 }] })
  offline.run(1.5)
  const topics = offline
    .published('')
    .map(({ subject }) => subject.split('.').slice(4).join('.') || 'hb')
    .filter(topic => !topic.startsWith('tel'))
  const generic = topics.map(topic => topic.replace('evt.', '')).filter((_, i) => i < 13)
  const order = [
    'logLevel',
    'logMessage',
    'hb',
    'simulationMode',
    'softwareVersions',
    'summaryState',
    'errorCode',
    'configurationsAvailable',
    'configurationApplied',
    'summaryState',
    'summaryState'
  ]
  const places = order.map((topic, i) => generic.indexOf(topic, i === 9 || i === 10 ? i : 0))
  t.ok(
    places.every(place => place >= 0),
    generic.join(' ')
  )
  t.strictSame(
    offline.published('evt.summaryState').map(({ fields }) => fields['summaryState']),
    [5, 1, 2]
  )
  const first = order.slice(0, 8).map(topic => generic.indexOf(topic))
  t.strictSame(
    first,
    [...first].sort((a, b) => a - b),
    generic.join(' ')
  )
})

t.test('state commands change the state as the table says, with events before the answer', async t => {
  const offline = simulateOffline({ instances: [{ csc: 'MTRotator', index: 0 }] })
  offline.run(2)
  t.strictSame(offline.command('MTRotator:0', 'enable').at(-1), {
    ack: -302,
    error: 1,
    result: 'Failed: enable not allowed in state <State.ENABLED: 2>'
  })
  t.strictSame(acks(offline.command('MTRotator:0', 'disable')), [301, 303])
  t.equal(offline.last('evt.summaryState')['summaryState'], 1)
  t.equal(
    offline.command('MTRotator:0', 'move', { position: 3 }).at(-1)?.result,
    'Failed: move not allowed in state <State.DISABLED: 1>'
  )
  offline.command('MTRotator:0', 'standby')
  offline.forget()
  t.strictSame(
    acks(offline.command('MTRotator:0', 'start', { configurationOverride: 'night.yaml' })),
    [301, 303]
  )
  t.strictSame(
    offline.published('').map(({ subject }) => subject.split('.').at(-1)),
    ['configurationApplied', 'summaryState']
  )
  t.match(offline.last('evt.configurationApplied')['configurations'], /night\.yaml/)
})

t.test('a fault says errorCode first, fails what runs, and standby clears it', async t => {
  const offline = simulateOffline({ instances: [{ csc: 'Test', index: 42 }] })
  offline.run(2)
  const waiting = offline.command('Test:42', 'wait', { duration: 60, ack: 303 })
  offline.forget()
  t.strictSame(acks(offline.command('Test:42', 'fault')), [301, 303])
  offline.run(0.2)
  t.strictSame(acks(waiting), [301, -302])
  const published = offline.published('').filter(({ subject }) => /errorCode|summaryState/.test(subject))
  t.strictSame(
    published.map(({ fields }) => fields['errorCode'] ?? fields['summaryState']),
    [1, 3]
  )
  offline.forget()
  offline.command('Test:42', 'standby')
  t.equal(offline.last('evt.summaryState')['summaryState'], 5)
  t.equal(offline.last('evt.errorCode')['errorCode'], 0)
})

t.test(
  'exitControl says OFFLINE, ends the process two seconds later, and it comes back in STANDBY',
  async t => {
    const offline = simulateOffline({ instances: [{ csc: 'Test', index: 42 }] })
    offline.run(2)
    for (const command of ['disable', 'standby', 'exitControl']) offline.command('Test:42', command)
    t.equal(offline.last('evt.summaryState')['summaryState'], 4)
    offline.run(2.5)
    offline.forget()
    offline.run(3)
    t.strictSame(offline.published(''), [], 'nothing is said while away')
    t.strictSame(offline.command('Test:42', 'enable'), [], 'nothing answers while away')
    offline.run(3)
    t.equal(offline.last('evt.summaryState')['summaryState'], 5)
  }
)

t.test('the same seed says the same at the same tick, another seed something else', async t => {
  const instances = [
    MOUNT,
    DOME,
    { csc: 'ESS', index: 301 },
    { csc: 'MTPtg', index: 0 },
    { csc: 'HVAC', index: 0 },
    { csc: 'MTM2', index: 0 }
  ]
  const listen = (seed: number, boot: number) => {
    const offline = simulateOffline({ instances, seed, boot, night: true })
    offline.run(12)
    return offline
      .published('')
      .map(({ subject, seconds, fields }) => ({ subject, seconds, fields: withoutPrivate(fields) }))
  }
  const first = listen(7, 1)
  t.ok(first.length > 5000, `${first.length} messages`)
  const second = listen(7, 2)
  const differs = first.findIndex((one, i) => JSON.stringify(one) !== JSON.stringify(second[i]))
  t.strictSame(second[differs], first[differs])
  t.equal(second.length, first.length)
  t.notSame(listen(8, 1)[3000], first[3000])
})

t.test('a fault and a lost heartbeat raise alarms, which an operator acknowledges and mutes', async t => {
  const offline = simulateOffline({ instances: [{ csc: 'Watcher', index: 0 }, DOME] })
  offline.run(4)
  offline.component('MTDome:0').fault(7, 'drive 3', { tick: 400, seconds: 4, tai: START_TAI + 4 })
  offline.component('MTDome:0').setImpairment({ silent: true })
  offline.run(2)
  const alarms = () => new Map(offline.published('evt.alarm').map(({ fields }) => [fields['name'], fields]))
  t.match(alarms().get('Enabled.MTDome:0'), { severity: 3, maxSeverity: 3, acknowledged: false })
  t.match(alarms().get('Heartbeat.MTDome:0'), { severity: 4 })
  t.strictSame(
    acks(
      offline.command('Watcher:0', 'acknowledge', {
        name: 'Enabled.MTDome:0',
        severity: 3,
        acknowledgedBy: 'me'
      })
    ),
    [301, 303]
  )
  t.match(alarms().get('Enabled.MTDome:0'), { acknowledged: true, acknowledgedBy: 'me' })
  offline.command('Watcher:0', 'mute', {
    name: 'Heartbeat.MTDome:0',
    duration: 1,
    severity: 4,
    mutedBy: 'me'
  })
  t.match(alarms().get('Heartbeat.MTDome:0'), { mutedSeverity: 4, mutedBy: 'me' })
  offline.component('MTDome:0').setImpairment({ silent: false })
  offline.run(3)
  t.match(alarms().get('Heartbeat.MTDome:0'), { severity: 1, maxSeverity: 4, mutedSeverity: 0 })
  offline.forget()
  offline.command('Watcher:0', 'showAlarms')
  t.equal(offline.published('evt.alarm').length, 2)
})

t.test('scripts live from add to done, one at a time, and heartbeats end with them', async t => {
  const offline = simulateOffline({ instances: [{ csc: 'ScriptQueue', index: 1 }] })
  offline.run(2)
  const add = (config: string, location = 2, path = 'sleep.py') =>
    offline.command('ScriptQueue:1', 'add', { isStandard: true, path, config, location })
  const replies = [add(''), add('fail'), add('invalid'), add('', 1)]
  t.match(add('', 2, 'no/such.py')[0]?.result, /no such script/)
  offline.run(4)
  t.strictSame(
    replies.map(list => list.at(-1)?.result),
    ['100000', '100001', '100002', '100003']
  )
  const queue = offline.last('ScriptQueue.1.evt.queue')
  t.equal(queue['currentSalIndex'], 100003, 'FIRST went ahead')
  t.strictSame((queue['salIndices'] as number[]).slice(0, 2), [100000, 100001])
  t.equal(queue['pastLength'], 1, 'the one that could not be configured is past')
  t.strictSame(
    acks(offline.command('ScriptQueue:1', 'move', { scriptSalIndex: 100001, location: 1 })),
    [301, 303]
  )
  const stop = offline.command('ScriptQueue:1', 'stopScripts', {
    length: 1,
    salIndices: [100003],
    terminate: false
  })
  offline.run(4)
  t.strictSame(acks(stop), [301, 303])
  offline.run(70)
  t.equal(offline.last('ScriptQueue.1.evt.queue')['running'], false, 'a failure pauses the queue')
  offline.command('ScriptQueue:1', 'resume')
  offline.run(180)
  const states = (index: number) =>
    offline.published(`Script.${index}.evt.state`).map(({ fields }) => fields['state'])
  t.strictSame([...new Set(states(100000))], [1, 2, 3, 5, 8])
  t.strictSame([...new Set(states(100001))], [1, 2, 3, 7, 10])
  t.strictSame([...new Set(states(100002))], [1, 11])
  t.strictSame([...new Set(states(100003))], [1, 2, 3, 6, 9])
  t.ok(offline.published('Script.100000.hb').length >= 8)
  t.strictSame(offline.last('ScriptQueue.1.evt.queue')['pastLength'], 4)
  offline.forget()
  offline.run(15)
  t.strictSame(
    offline.published('.hb').filter(({ subject }) => subject.includes('.Script.')),
    []
  )
})

t.test('a night goes on by itself, and a command keeps it away from the mount for a while', async t => {
  const names = ['MTMount', 'MTDome', 'MTPtg', 'MTRotator', 'MTCamera']
  const offline = simulateOffline({
    instances: names.map(csc => ({ csc, index: 0 })),
    night: true,
    holdSeconds: 20
  })
  offline.run(120)
  t.ok(offline.published('evt.currentTarget').length >= 2, 'targets')
  t.ok(offline.published('evt.startIntegration').length >= 1, 'images')
  t.ok(offline.published('evt.endReadout').length >= 1, 'read out')
  const mount = Number(offline.last('MTMount.0.tel.azimuth')['actualPosition'])
  const dome = Number(offline.last('MTDome.0.tel.azimuth')['positionActual'])
  t.ok(Math.abs(((mount - dome + 540) % 360) - 180) < 5, `dome ${dome} follows mount ${mount}`)
  const replies = offline.command('MTMount:0', 'moveToTarget', { azimuth: mount + 4, elevation: 75 })
  offline.run(15)
  t.strictSame(acks(replies), [301, 303], 'the night does not fight the operator')
  t.equal(offline.last('evt.azimuthMotionState')['state'], 1)
  offline.forget()
  offline.run(20)
  t.ok(offline.published('evt.currentTarget').length >= 1, 'then it goes on')
})
