import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { type Broker, connectBroker, lastMessage } from '@meridian/broker'
import { decodeFields } from '@meridian/msgpack'
import { createLogReader } from '@meridian/sal'
import { decodeSample } from '@meridian/sample'
import { createTestLog, waitFor, whyNoKafka } from '@meridian/testing'
import t from 'tap'
import { freePort } from '../start/ports.ts'
import { readRunFile } from '../start/run-file.ts'
import { isAlive, startCommand as start } from '../start/start-command.ts'

t.setTimeout(300_000)

const fieldsOf = async (broker: Broker, subject: string) => {
  const stored = await lastMessage(broker, /^tel/.test(subject) ? 'TEL' : 'EVT', subject)
  return stored && decodeFields(decodeSample(stored.data).fields)
}

/** Topics of Kafka that hold something. */
async function spokenTopics(brokers: string): Promise<ReadonlySet<string>> {
  const spoken = new Set<string>()
  const reader = createLogReader({
    access: { brokers, clientId: 'test' },
    wants: topic => topic.startsWith('lsst.sal.MTMount.'),
    async begin(found) {
      for (const { topic, end } of found) if (end > 0n) spoken.add(topic)
      return found.map(({ end }) => end)
    },
    ...{ take: () => undefined, lost: () => undefined, failed: () => undefined }
  })
  await reader.start()
  await reader.stop()
  return spoken
}

interface CommandAnswer {
  readonly state: string
  readonly links: { readonly self: string }
}

/** Starts with a PATH of which the programs of Java are no part. */
function startWithoutJava(programs: string, ...args: string[]): ReturnType<typeof start> {
  const { PATH } = process.env
  symlinkSync('/bin/sh', join(programs, 'sh'))
  process.env['PATH'] = programs
  const system = start(...args)
  process.env['PATH'] = PATH
  return system
}

t.test('without Java the start says so, and ends what it had started', async t => {
  const data = t.testdir({ bin: {}, data: {} })
  const args = ['--sal-kafka', '--port', String(await freePort()), '--data', join(data, 'data')]
  const system = startWithoutJava(join(data, 'bin'), ...args)
  const said = stripVTControlCharacters(await system.said('everything has ended'))
  t.match(said, /✗ RUN_NO_KAFKA: there is no Kafka that can be run: /)
  t.notMatch(said, /^ +at /m, 'without a stack')
})

t.test(
  'components that speak SAL on Kafka are on the pages, and a command reaches them and comes back',
  { skip: whyNoKafka() ?? false },
  async t => {
    const port = await freePort()
    const data = t.testdir()
    const system = start('--sal-kafka', '--port', String(port), '--data', data)
    t.teardown(() => system.child.exitCode ?? process.kill(-(system.child.pid as number), 'SIGINT'))
    const said = stripVTControlCharacters(await system.said('Ctrl-C ends everything'))
    const [, kafka = ''] =
      /LSST_KAFKA_BROKER_ADDR=(127\.0\.0\.1:\d+) LSST_SCHEMA_REGISTRY_URL=http:/.exec(said) ?? []
    t.not(kafka, '', 'how one finds Kafka')
    const { nats = '', pids = {} } = readRunFile(data) ?? {}
    const broker = await connectBroker({ servers: nats, name: 'test', log: createTestLog() })
    t.teardown(() => broker.drain())
    const wait = (subject: string) =>
      waitFor(() => fieldsOf(broker, subject), { what: subject, timeoutMs: 30_000 })
    t.type((await wait('tel.small.MTMount.0.azimuth'))['actualPosition'], 'number')
    t.type((await wait('tel.small.MTM1M3.0.forceActuatorData'))['timestamp'], 'number')
    t.type((await wait('evt.small.MTHexapod.2.summaryState'))['summaryState'], 'number')
    t.match(await wait('tel.small.Simulator.0.load'), { components: 12 }, 'a device on NATS beside them')

    const url = `http://127.0.0.1:${port}`
    const isEnabled = async () =>
      (await fieldsOf(broker, 'evt.small.MTMount.0.summaryState'))?.['summaryState'] === 2
    await waitFor(isEnabled, { what: 'the mount is enabled', timeoutMs: 30_000 })
    const ask = async (path: string, body?: object): Promise<CommandAnswer> => {
      const headers = { 'content-type': 'application/json' }
      const init = body && { method: 'POST', headers, body: JSON.stringify(body) }
      return (await fetch(`${url}${path}`, init)).json() as Promise<CommandAnswer>
    }
    const command = { csc: 'MTMount', index: 0, command: 'moveToTarget' }
    const { links } = await waitFor(
      async () => {
        const answer = await ask('/api/commands', { ...command, params: { azimuth: 1, elevation: 80 } })
        return answer.state === 'accepted' ? answer : undefined
      },
      { what: 'it is accepted', timeoutMs: 30_000 }
    )
    const isDone = async () => (await ask(links.self)).state === 'complete'
    await waitFor(isDone, { what: 'the mount has moved', timeoutMs: 60_000 })
    const spoken = await spokenTopics(kafka)
    for (const topic of ['azimuth', 'logevent_summaryState', 'command_moveToTarget', 'ackcmd'])
      t.ok(spoken.has(`lsst.sal.MTMount.${topic}`), `${topic} went over Kafka`)

    system.child.kill('SIGINT')
    await system.said('everything has ended')
    t.same(
      Object.entries(pids).filter(([, pid]) => isAlive(pid)),
      [],
      'and all of it ends, Kafka too'
    )
  }
)
