import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Broker, connectBroker, createPublisher, ensureStreams, streamTable } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import { createFieldsWriter } from '@meridian/msgpack'
import { encodeSample } from '@meridian/sample'
import { createTestLog, scriptCommand, startNats, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { ensureBrokerKeys } from './start/broker-keys.ts'
import { connectionOf } from './tail/broker-of.ts'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const write = createFieldsWriter([])
const sampleParts = { sndStamp: 1, rcvStamp: 2, seqNum: 3, origin: 4, revCode: '', uncatalogued: true }
const sampleOf = (celsius: number): Uint8Array =>
  encodeSample({ ...sampleParts, identity: 'Shed', fields: write({ celsius }) })

interface Run {
  readonly child: ChildProcess
  output(): string
  /** What went to standard error. */
  notes(): string
  readonly ended: Promise<unknown[]>
}

const runTail = (...args: string[]): Run => runTailWith({}, ...args)

function runTailWith(env: Record<string, string>, ...args: string[]): Run {
  const child = spawn(process.execPath, [...scriptCommand('tail'), ...args], {
    cwd: here('..'),
    env: { ...process.env, NODE_OPTIONS: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let output = ''
  let notes = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    notes += text
  })
  t.teardown(() => child.kill('SIGKILL'))
  return { child, output: () => output, notes: () => notes, ended: once(child, 'close') }
}

async function setUp(): Promise<{ url: string; broker: Broker }> {
  const { nats, broker, log, stop } = await startTestSite()
  t.teardown(stop)
  const publisher = createPublisher(broker, { log })
  for (const key of ['a', 'b'])
    publisher.publish({
      subject: `tel.summit.Shed.0.climate.${key}`,
      data: sampleOf(21.5),
      id: key,
      kind: 'telemetry'
    })
  await publisher.flush(5_000)
  publisher.stop()
  return { url: nats.url, broker }
}

t.test('tail', async t => {
  const { url, broker } = await setUp()

  await t.test(
    '--last prints the last value of each subject, keyed children included, and ends at its count',
    async t => {
      const run = runTail('--nats', url, '--last', '--count', '2', 'tel.summit.Shed.0.climate')
      t.same(await run.ended, [0, null])
      const lines = run
        .output()
        .trim()
        .split('\n')
        .map(line => JSON.parse(line))
      t.same(
        lines.map(({ subject, fields }) => [subject, fields]),
        ['a', 'b'].map(key => [`tel.summit.Shed.0.climate.${key}`, { celsius: 21.5 }])
      )
    }
  )

  await t.test('--once prints the last values and ends, --names says what they mean', async t => {
    const publisher = createPublisher(broker, { log: createTestLog() })
    const subject = 'evt.summit.MTMount.0.summaryState'
    const fields = createFieldsWriter([])({ summaryState: 2 })
    const data = encodeSample({ ...sampleParts, identity: 'MTMount', fields })
    publisher.publish({ subject, data, id: 'state', kind: 'event' })
    await publisher.flush(5_000)
    publisher.stop()
    const run = runTail('--nats', url, '--once', '--names', subject, 'tel.summit.Shed.0.climate')
    t.same(await run.ended, [0, null])
    const lines = run.output().trim().split('\n')
    t.same(lines.map(line => JSON.stringify(JSON.parse(line).fields)).sort(), [
      '{"celsius":21.5}',
      '{"celsius":21.5}',
      '{"summaryState":"EnabledState"}'
    ])
  })

  await t.test('it prints what comes until it is told to stop, garbage too', async t => {
    const run = runTail('--nats', url, 'raw.summit.>', 'tel.summit.>')
    await waitFor(
      () => {
        broker.publish('raw.summit.Shed.0.tel.climate', 'garbage')
        broker.publish('tel.summit.Shed.0.climate.c', sampleOf(3))
        return run.output().includes('"text":"garbage"') && run.output().includes('{"celsius":3}')
      },
      { what: 'both lines', timeoutMs: 20_000, everyMs: 100 }
    )
    run.child.kill('SIGINT')
    t.same(await run.ended, [0, null])
  })

  await t.test('a reader that closes the pipe ends it quietly', async t => {
    const run = runTail('--nats', url, 'tel.summit.>')
    run.child.stdout?.once('data', () => run.child.stdout?.destroy())
    const publishing = setInterval(() => broker.publish('tel.summit.Shed.0.climate.d', sampleOf(4)), 50)
    t.same(await run.ended, [0, null])
    clearInterval(publishing)
    t.notMatch(run.output(), 'EPIPE')
  })

  await t.test('a wrong pattern and an absent broker each get one sentence', async t => {
    const wrong = runTail('--nats', url, 'a..b')
    const absent = runTail('--nats', 'nats://127.0.0.1:1', 'tel.>')
    t.same(await Promise.all([wrong.ended, absent.ended]), [
      [2, null],
      [1, null]
    ])
    t.match(wrong.notes(), /^WIR_BAD_PATTERN.*\n$/)
    t.match(absent.notes(), /^BRK_UNAVAILABLE.*\n$/)
  })

  await t.test(
    'it says where it is connected, who said so, and what is there when nothing comes',
    async t => {
      const folder = t.testdir({ 'run.json': JSON.stringify({ nats: url }), empty: {} })
      const runs = {
        '--nats': runTailWith({ NATS_URL: 'nats://127.0.0.1:1' }, '--nats', url, 'tel.small.>'),
        'run.json': runTailWith({ NATS_URL: 'nats://127.0.0.1:1' }, '--data', folder, 'tel.small.>'),
        NATS_URL: runTailWith({ NATS_URL: url }, 'tel.small.>')
      }
      const lost = runTail('--data', `${folder}/empty`)
      for (const [saidBy, { notes }] of Object.entries(runs)) {
        await waitFor(() => notes().includes('nothing on'), { what: saidBy, timeoutMs: 30_000 })
        t.ok(notes().startsWith(`tail: connected to ${url} (`) && notes().includes(saidBy), notes())
        t.match(notes(), /: site summit\n/)
        t.match(notes(), /nothing on tel\.small\.> for 5 s; here: site summit; .*TEL \(\d+ messages\)/)
      }
      t.same(await lost.ended, [2, null])
      t.match(lost.notes(), /^RUN_NO_SYSTEM: .*--data .*empty/)
    }
  )
})

/** A broker with keys as `npm start -- --secure` has it, without a message; gives its data folder. */
async function secureSystem(t: Test): Promise<string> {
  const data = t.testdir()
  const { folder: keys, conf } = ensureBrokerKeys(data, 'summit')
  const nats = await startNats({ config: conf })
  t.teardown(() => nats.stop())
  const url = nats.url.replace(/^nats:/, 'tls:')
  writeFileSync(`${data}/run.json`, JSON.stringify({ nats: url, keys, site: 'summit' }))
  const log = createTestLog()
  const admin = await connectBroker({ ...connectionOf({ url, keys }, 'admin', {}), name: 'admin', log })
  await ensureStreams(admin, streamTable('summit', 'laptop'), log)
  await admin.drain()
  return data
}

t.test('a broker with keys: what it refuses is told at once, with what an observer may read', async t => {
  const data = await secureSystem(t)
  const mayRead =
    /; an observer of summit may read tel\.summit\.>, .*, intake\.summit\.>.*; .* what TEL, EVT, SCRIPT hold\n/
  const refused = (what: string) =>
    new RegExp(`tail: BRK_NOT_PERMITTED: [^;]*: no right to ${what}${mayRead.source}`)
  const commands = runTail('--data', data, 'cmd.summit.>')
  t.same(await commands.ended, [1, null], 'it does not wait for what never comes')
  t.match(commands.notes(), refused('subscribe to cmd\\.summit\\.>'))
  const stored = ['--once', '--last'].map(option => runTail('--data', data, option, 'ack.summit.>'))
  for (const run of stored) {
    t.same(await run.ended, [1, null])
    t.match(run.notes(), refused('publish on \\$JS\\.API\\.CONSUMER\\.CREATE\\.COMMANDS\\.[^;]*'))
  }
  const some = runTail('--data', data, 'cmd.summit.>', 'tel.summit.>')
  await waitFor(() => some.notes().includes('nothing on'), { what: 'silence', timeoutMs: 30_000 })
  t.match(some.notes(), refused('subscribe to cmd\\.summit\\.>'))
  t.equal(some.child.exitCode, null, 'it goes on with what it may read')
})

const built = existsSync(here('dist/sample.js'))
t.test(
  'the decoder prints one message as JSON',
  { skip: built ? false : 'the libraries are not built' },
  async t => {
    const child = spawn(process.execPath, [here('decode.mjs'), '--subject', 'tel.summit.Shed.0.climate'], {
      stdio: ['pipe', 'pipe', 'inherit']
    })
    child.stdin.end(sampleOf(21.5))
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    await once(child, 'close')
    t.match(JSON.parse(output), {
      subject: 'tel.summit.Shed.0.climate',
      identity: 'Shed',
      fields: { celsius: 21.5 }
    })
  }
)
