import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { type Broker, connectBroker } from '@meridian/broker'
import { loadCatalogue, loadSite } from '@meridian/catalogue'
import { decodeFields } from '@meridian/msgpack'
import { type ExecReply, parseExecReply } from '@meridian/protocol/commands'
import { createService, parseConfig, type Service } from '@meridian/service'
import { createTestLog, freePort, serviceCommand, startNats, type TestNats, waitFor } from '@meridian/testing'
import t from 'tap'
import { spec } from '../src/config.ts'
import { simulatorParts } from '../src/simulator.ts'

const nats: TestNats = await startNats()
t.teardown(() => nats.stop())
const port = await freePort()
const log = createTestLog()
const config = parseConfig(spec, {
  NATS_URL: nats.url,
  SITE: 'small',
  PORT: String(port),
  RESTART_S: '1'
})
const serviceOf = (own: typeof config): Service =>
  createService({
    name: 'simulator',
    description: spec.summary,
    config: own,
    log,
    parts: () => simulatorParts(own, log)
  })
const simulator = serviceOf(config)
const tester: Broker = await connectBroker({ servers: nats.url, name: 'tester', log })
t.teardown(() => tester.drain())

const exec = (name: string, command: string): string => `exec.small.${name.replace(':', '.')}.${command}`
let ids = 0

/** Sends a command and collects its answers; the id may be given. */
function send(name: string, command: string, params: object = {}, id = `test-${++ids}`): ExecReply[] {
  const replies: ExecReply[] = []
  const inbox = tester.inbox()
  tester.subscribe(inbox, message => {
    if (message.text() !== '') replies.push(parseExecReply(message.data))
  })
  tester.publish(exec(name, command), JSON.stringify({ id, params }), { reply: inbox })
  return replies
}
const final = (replies: ExecReply[], timeoutMs = 20_000): Promise<ExecReply> =>
  waitFor(() => replies.find(({ ack }) => ack !== 301), { what: 'a final answer', timeoutMs })
const acks = (replies: readonly ExecReply[]): number[] => replies.map(({ ack }) => ack)

/** The next messages of a subject until `enough` says so. */
async function listen(subject: string, enough: (fields: Record<string, unknown>) => boolean): Promise<void> {
  let seen = false
  const subscription = tester.subscribe(subject, message => {
    if (enough(decodeFields(message.data))) seen = true
  })
  await waitFor(() => seen, { what: subject, timeoutMs: 20_000 })
  subscription.unsubscribe()
}

t.test('components start BEGIN_AFTER_S after the simulator', async t => {
  const late = serviceOf({ ...config, BEGIN_AFTER_S: 1.5 })
  let said = 0
  const subscription = tester.subscribe('raw.small.*.*.evt.>', () => void said++)
  await tester.flush()
  const began = performance.now()
  await late.start()
  t.teardown(() => late.stop())
  t.equal(said, 0)
  await waitFor(() => said > 0, { what: 'the first event' })
  t.ok(performance.now() - began > 1490, 'no event before its time')
  subscription.unsubscribe()
})

t.test('every component of the small site starts: events in order, heartbeats, telemetry', async t => {
  const published = new Map<string, string[]>()
  const subscription = tester.subscribe('raw.small.>', message => {
    const [, , csc = '', index = '', ...topic] = message.subject.split('.')
    const name = `${csc}:${index}`
    published.set(name, [...(published.get(name) ?? []), topic.join('.')])
  })
  await tester.flush()
  await simulator.start()
  const names = loadSite('small').instances.map(({ csc, index }) => `${csc}:${index}`)
  const has = (name: string, topic: string): boolean => published.get(name)?.includes(topic) === true
  await waitFor(() => names.every(name => has(name, 'hb') && has(name, 'evt.summaryState')), {
    what: 'all start'
  })
  const order = [
    'evt.logLevel',
    'evt.logMessage',
    'hb',
    'evt.simulationMode',
    'evt.softwareVersions',
    'evt.summaryState',
    'evt.errorCode'
  ]
  await waitFor(() => names.every(name => order.every(topic => has(name, topic))), { what: 'all events' })
  for (const name of names) {
    const places = order.map(topic => published.get(name)?.indexOf(topic) ?? -1)
    t.strictSame(
      places,
      [...places].sort((a, b) => a - b),
      name
    )
  }
  await waitFor(() => has('Simulator:0', 'hb'), { what: 'the simulator itself' })
  subscription.unsubscribe()
  t.equal((await fetch(`http://127.0.0.1:${port}/readyz`)).status, 200)
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  t.match(text, /meridian_simulator_components\{service="simulator"\} 12/)
})

t.test('telemetry comes at the rates of the catalogue, to five percent', async t => {
  const catalogue = loadCatalogue()
  const counts = new Map<string, number>()
  // The mount's 20 Hz are the clock: a busy machine leaves out ticks, and with them samples of every topic.
  const stamps: number[] = []
  const subscription = tester.subscribe('raw.small.*.*.tel.*', message => {
    if (stamps.length === 200) return
    counts.set(message.subject, (counts.get(message.subject) ?? 0) + 1)
    if (message.subject.endsWith('.MTMount.0.tel.azimuth'))
      stamps.push(Number(decodeFields(message.data)['private_sndStamp']))
  })
  await waitFor(() => stamps.length >= 200, { what: 'ten seconds of telemetry', timeoutMs: 40_000 })
  subscription.unsubscribe()
  const seconds = 199 / 20
  const stamped = (stamps.at(-1) ?? 0) - (stamps[0] ?? 0)
  const wrong = loadSite('small').instances.flatMap(({ csc, index }) =>
    [...(catalogue.component(csc)?.telemetry.values() ?? [])].flatMap(topic => {
      const rate = catalogue.component(csc)?.rateOf(topic, index) ?? 0
      const [least, most] = [0.95 * seconds * rate - 3, 1.05 * stamped * rate + 3]
      const got = counts.get(`raw.small.${csc}.${index}.tel.${topic.name}`) ?? 0
      return got >= least && got <= most ? [] : [`${csc}:${index} ${topic.name} ${got} of ${least}..${most}`]
    })
  )
  t.strictSame(wrong, [])
  t.ok(stamped > 0.99 * seconds, `never faster than its rate: ${stamped} s`)
})

t.test('a command is answered in progress, then complete, and telemetry follows', async t => {
  const moved = listen(
    'raw.small.MTMount.0.tel.azimuth',
    fields => Math.abs(Number(fields['actualPosition']) - 3) < 0.001
  )
  const replies = send('MTMount:0', 'moveToTarget', { azimuth: 3, elevation: 75 })
  t.match(await final(replies, 60_000), { ack: 303, error: 0, result: 'Done' })
  t.equal(replies[0]?.ack, 301)
  t.ok((replies[0]?.timeout ?? 0) > 0)
  await moved
})

t.test('stop overtakes a running move', async t => {
  const move = send('MTMount:0', 'moveToTarget', { azimuth: 200, elevation: 45 })
  await waitFor(() => move.length === 1, { what: 'the move runs' })
  const stop = send('MTMount:0', 'stop')
  t.match(await final(move), { ack: -303 })
  t.match(await final(stop), { ack: 303 })
  t.strictSame(
    [acks(move), acks(stop)],
    [
      [301, -303],
      [301, 303]
    ]
  )
})

t.test('what is not allowed or not known fails in words', async t => {
  t.match(await final(send('MTDome:0', 'enable')), {
    ack: -302,
    error: 1,
    result: 'Failed: enable not allowed in state <State.ENABLED: 2>'
  })
  t.match(await final(send('MTDome:0', 'fly')), { ack: -302, result: 'Failed: no such command: fly' })
})

t.test('one id is executed once however often it is sent, and tests can ask', async t => {
  const first = send('MTHexapod:2', 'move', { z: 120, sync: true }, 'same-id')
  const second = send('MTHexapod:2', 'move', { z: 120, sync: true }, 'same-id')
  const answers = await Promise.all([final(first, 60_000), final(second, 60_000)])
  t.match(answers, [{ ack: 303 }, { ack: 303 }])
  const table = await tester.request(exec('Simulator:0', 'executions'), '{"id":"same-id"}', {
    timeoutMs: 5000
  })
  t.match(JSON.parse(table.text()), {
    ids: { 'same-id': { name: 'MTHexapod:2.move', executions: 1, requests: 2 } }
  })
})

t.test('garbage is answered with a code, and disturbs nothing', async t => {
  for (const bytes of ['garbage', '[]', '{"id":{}}', Uint8Array.of(0, 255, 1), new Uint8Array(400_000)]) {
    const answer = await tester.request(exec('MTMount:0', 'stop'), bytes, { timeoutMs: 5000 })
    t.match(JSON.parse(answer.text()), { ack: -302, code: 'SIM_BAD_REQUEST' })
  }
  const odd = await tester.request(exec('Simulator:0', 'fault'), '{"csc":"Nothing"}', { timeoutMs: 5000 })
  t.match(JSON.parse(odd.text()), { ack: -302, code: 'SIM_NO_COMPONENT' })
  t.match(await final(send('MTRotator:0', 'setLogLevel', { level: 10, subsystem: '' })), { ack: 303 })
  const stats = await tester.request('$SRV.STATS.simulator', '', { timeoutMs: 5000 })
  t.match(JSON.parse(stats.text()), { name: 'simulator', endpoints: [{ num_errors: 5 }] })
})

t.test('a tester provokes a fault, a silence and a death, and heals them', async t => {
  const provoke = async (what: string, more: object = {}): Promise<void> => {
    const body = JSON.stringify({ csc: 'MTRotator', index: 0, ...more })
    const answer = await tester.request(exec('Simulator:0', what), body, { timeoutMs: 5000 })
    t.match(JSON.parse(answer.text()), { ack: 303 })
  }
  const fault = listen('raw.small.MTRotator.0.evt.summaryState', ({ summaryState }) => summaryState === 3)
  const code = listen('raw.small.MTRotator.0.evt.errorCode', ({ errorCode }) => errorCode === 9)
  const alarm = listen(
    'raw.small.Watcher.0.evt.alarm',
    ({ name, severity }) => name === 'Heartbeat.MTRotator:0' && severity === 4
  )
  await tester.flush()
  await provoke('fault', { code: 9, report: 'drive' })
  await Promise.all([fault, code])
  await provoke('silence')
  await alarm
  await provoke('dead')
  const lost = send('MTRotator:0', 'standby')
  await listen('raw.small.MTHexapod.1.hb', () => true)
  t.strictSame(lost, [], 'the dead do not answer')
  await provoke('heal')
  t.match(await final(send('MTRotator:0', 'standby')), { ack: 303 })
})

t.test('a broker that goes and comes back finds it still playing', async t => {
  await nats.kill9()
  await nats.restart()
  await listen('raw.small.MTMount.0.tel.azimuth', () => true)
  t.match(await final(send('MTHexapod:1', 'setLogLevel', { level: 20, subsystem: '' })), { ack: 303 })
})

t.test('stop may be called twice, and then nothing is said any more', async t => {
  await simulator.stop()
  await simulator.stop()
  let published = 0
  tester.subscribe('raw.small.>', () => published++)
  await tester.flush()
  await t.rejects(tester.request(exec('MTMount:0', 'stop'), '{"id":"late"}', { timeoutMs: 2000 }), {
    code: 'BRK_NO_RESPONDERS'
  })
  t.equal(published, 0)
})

t.test('SIGTERM ends the real process with 0', async t => {
  const child = spawn(process.execPath, serviceCommand('simulator'), {
    env: { ...process.env, NATS_URL: nats.url, SITE: 'small', PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(() => child.kill('SIGKILL'))
  await listen('raw.small.MTMount.0.hb', () => true)
  child.stdout.resume()
  child.kill('SIGTERM')
  const [code, signal] = await once(child, 'exit')
  t.strictSame([code, signal], [0, null])
})
