/**
 * A whole site with keys and users is backed up, its broker's store lost, and restored by `pnpm streams`: users, personal tokens and
 * the record of commands come back, clients with cursors of before are told, and a backup that is not whole is refused whole.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { natsConfOf } from '@meridian/auth/broker'
import {
  append,
  bucketTable,
  connectBroker,
  createNkey,
  ensureStreams,
  listStreams,
  messageAt,
  streamState,
  streamTable
} from '@meridian/broker'
import { createClient, type Update } from '@meridian/client'
import { eventOf, inboxPrefixOf, type ProcessKind, processKinds, streamNames } from '@meridian/subjects'
import {
  createTestLog,
  freePort,
  type ServiceProcess,
  scriptCommand,
  startCluster,
  startNats,
  startSiteService,
  waitFor
} from '@meridian/testing'
import t from 'tap'
import { createProgress } from '../streams/progress.ts'
import { readBackup } from '../streams/read-backup.ts'

t.setTimeout(300_000)

const SITE = 'small'
const PASSWORD = 'correct horse battery'
const CHANGE_WORD = 'word-of-the-admin-in-this-test-alone'
const MOVE = { csc: 'MTMount', index: 0, command: 'moveToTarget', params: { azimuth: 10, elevation: 60 } }
const BACKED_UP = [
  ...['AUDIT', 'COMMANDS', 'EVT', 'JOBS', 'JOBSTATE', 'KV_auth_tokens', 'KV_auth_users', 'SCRIPT']
]
const run = promisify(execFile)

const keys = processKinds.map(kind => ({ kind, ...createNkey() }))
const folder = t.testdir({
  ...Object.fromEntries(keys.map(({ kind, seed }) => [`${kind}.seed`, seed])),
  'admin.word': CHANGE_WORD
})
const seedOf = (kind: ProcessKind): string => join(folder, `${kind}.seed`)
const nats = await startNats({ config: natsConfOf({ site: SITE, users: keys, changeWord: CHANGE_WORD }) })
t.teardown(() => nats.stop())
const backup = join(folder, 'backup')

interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

const ENV = { ...process.env, NODE_OPTIONS: '', NATS_URL: nats.url }
const AS_ADMIN = { NATS_NKEY_FILE: seedOf('admin'), NATS_CHANGE_WORD_FILE: join(folder, 'admin.word') }

/** Runs the command as a person does, without what tap preloads. */
const streams = (args: readonly string[], env: Readonly<Record<string, string>> = AS_ADMIN): Promise<Ended> =>
  ended(process.execPath, [...scriptCommand('streams'), ...args], env)

const ended = (
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>
): Promise<Ended> =>
  run(file, args, { env: { ...ENV, ...env } }).then(
    ({ stdout, stderr }) => ({ code: 0, out: stdout, err: stderr }),
    ({ code, stdout, stderr }) => ({ code, out: stdout, err: stderr })
  )

const make = () => streams(['--site', SITE, '--profile', 'laptop'])

const connect = (kind: ProcessKind) =>
  connectBroker({
    ...{ servers: nats.url, name: kind, log: createTestLog(), nkeyFile: seedOf(kind) },
    ...{ inboxPrefix: inboxPrefixOf(kind), ...(kind === 'admin' && { changeWord: CHANGE_WORD }) }
  })

async function start(kind: ProcessKind, settings: Readonly<Record<string, string>> = {}) {
  const own = { SITE, NATS_NKEY_FILE: seedOf(kind), DRAIN_MS: '2000', ...settings }
  const service = await startSiteService(kind, nats, own)
  t.teardown(() => service.stop())
  return service
}

type Answer = Readonly<Record<string, unknown>>

async function ask(api: ServiceProcess, path: string, bearer: string, body?: object): Promise<Answer> {
  const answer = await fetch(`${api.address}/api/${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(bearer !== '' && { authorization: `Bearer ${bearer}` })
    },
    ...(body !== undefined && { body: JSON.stringify(body) })
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return answer.json() as Promise<Answer>
}

const logIn = async (api: ServiceProcess, name: string): Promise<string> =>
  String((await ask(api, 'session', '', { name, password: PASSWORD, cookies: false }))['token'])

const made = await make()
if (made.code !== 0) throw new Error(made.err)
const local = { AUTH_MODE: 'local' }
await start('simulator')
await start('producer')
const commander = await start('commander', local)
const api = await start('api', local)
const port = await freePort()
let gateway = await start('gateway', { PORT: String(port) })

const outcomes: string[] = []
const updates: Update[] = []
const client = createClient({ url: `ws://127.0.0.1:${port}/live` })
t.teardown(() => client.close())
client.subscribe(
  [`evt.${SITE}.>`, `ack.${SITE}.>`].map(pattern => ({ pattern, quality: 'all' as const })),
  {
    onData: update => void updates.push(update),
    onOutcome: ({ kind, stream }) => void outcomes.push(`${stream} ${kind}`)
  }
)
client.connect()

let command = ''
let personal = ''

t.test('a site has users, a personal token and a command that was carried out', async t => {
  const line = api.lines.find(text => text.includes('nobody may manage users')) ?? '{}'
  await ask(api, 'users/first', '', { token: JSON.parse(line).token, name: 'root', password: PASSWORD })
  await ask(api, 'users', await logIn(api, 'root'), { name: 'ada', password: PASSWORD, roles: ['operator'] })
  const ada = await logIn(api, 'ada')
  personal = String((await ask(api, 'tokens', ada, { name: 'script', scopes: ['read'] }))['token'])
  await waitFor(() => updates.some(({ subject }) => subject.startsWith(`evt.${SITE}.MTMount.`)), {
    what: 'an event of the mount'
  })
  command = String((await ask(api, 'commands', ada, MOVE))['id'])
  t.match(await ask(api, `commands/${command}?wait=30`, ada), { state: 'complete' })
})

t.test('a backup is for its owner alone, has all that outlasts, and is never half there', async t => {
  const done = await streams(['backup', backup])
  t.match(done, { code: 0, out: /COMMANDS: \d+ messages\n.*8 streams, whole\n$/s }, done.err)
  const files = readdirSync(backup).sort()
  t.same(files, [...BACKED_UP.map(name => `${name}.snapshot`), 'SHA256SUMS', 'backup.json'].sort())
  t.equal(statSync(backup).mode & 0o777, 0o700)
  for (const file of files) t.equal(statSync(join(backup, file)).mode & 0o777, 0o600, file)
  await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], { cwd: backup })

  const refusals: readonly (readonly [string, Promise<Ended>, object])[] = [
    ['there already', streams(['backup', backup]), { code: 2, err: /^RUN_BAD_BACKUP: .*is there already$/m }],
    [
      'no folder to put it into',
      streams(['backup', join(folder, 'no', 'where')]),
      { code: 2, err: /^RUN_BAD_FILE: .*no such file/m }
    ],
    [
      'a key without the right',
      streams(['backup', join(folder, 'other')], { NATS_NKEY_FILE: seedOf('observer') }),
      { code: 1, err: /^BRK_NOT_PERMITTED: /m }
    ],
    [
      'a broker that is away',
      streams(['backup', join(folder, 'other'), '--nats', 'nats://127.0.0.1:1']),
      { code: 1, err: /^BRK_UNAVAILABLE: /m }
    ]
  ]
  for (const [what, refused, expected] of refusals) t.match(await refused, expected, what)
  t.same(
    readdirSync(folder).filter(name => /partial|other/.test(name)),
    [],
    'nothing of them stays'
  )
})

t.test('a disk that is full is told, and nothing stays on it', async t => {
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  const script = `mount -t tmpfs -o size=16k tmpfs ${disk} || exit 77; "$@"; code=$?; ls ${disk}; exit $code`
  const command = [process.execPath, ...scriptCommand('streams'), 'backup', join(disk, 'backup')]
  const full = await ended('unshare', ['-rm', 'sh', '-c', script, 'sh', ...command], AS_ADMIN)
  if (full.code === 77 || /^unshare:/m.test(full.err)) {
    t.plan(0, 'no disk of its own can be mounted here')
    return
  }
  t.match(full, { code: 2, err: /^RUN_NO_ROOM: .*disk/m })
  t.match(full.out, /^(\w+: \d+ messages\n)*$/, 'the disk is empty')
})

t.test('the store of the broker is lost', async t => {
  await gateway.stop()
  await nats.kill9()
  rmSync(join(nats.storeDir, 'jetstream'), { recursive: true })
  await nats.restart()
  const observer = await connect('observer')
  t.same(await listStreams(observer), [])
  await observer.drain()
})

t.test('a backup that is not whole is refused, and nothing of it is restored', async t => {
  const damaged = join(folder, 'damaged')
  const damages: readonly (readonly [() => void, RegExp])[] = [
    [() => truncateSync(join(damaged, 'EVT.snapshot'), 1_000), /EVT\.snapshot is truncated or was altered/],
    [() => flipByte(join(damaged, 'AUDIT.snapshot')), /AUDIT\.snapshot is truncated or was altered/],
    [() => appendFileSync(join(damaged, 'backup.json'), ' '), /backup\.json is truncated or was altered/],
    [() => rmSync(join(damaged, 'SCRIPT.snapshot')), /SCRIPT\.snapshot is missing/],
    [() => rmSync(join(damaged, 'SHA256SUMS')), /has no SHA256SUMS: it is no backup/],
    [() => writeFileSync(join(damaged, 'SHA256SUMS'), 'x\n'), /SHA256SUMS was altered/],
    [
      () => writeFileSync(join(damaged, 'SHA256SUMS'), sumsWithout('EVT.snapshot')),
      /does not name EVT\.snapshot/
    ],
    [() => rmSync(damaged, { recursive: true }), /it is not there/]
  ]
  for (const [damage, cause] of damages) {
    rmSync(damaged, { recursive: true, force: true })
    cpSync(backup, damaged, { recursive: true })
    damage()
    await t.rejects(readBackup(damaged), { code: 'RUN_BAD_BACKUP', message: cause })
  }
  cpSync(backup, damaged, { recursive: true })
  truncateSync(join(damaged, 'EVT.snapshot'), 1_000)
  const refused = await streams(['restore', damaged])
  t.match(refused, { code: 2, out: '', err: /^RUN_BAD_BACKUP: .*EVT\.snapshot is truncated/m })
  const observer = await connect('observer')
  t.same(await listStreams(observer), [])
  await observer.drain()
})

const flipByte = (file: string): void => {
  const bytes = readFileSync(file)
  bytes[100] = (bytes[100] ?? 0) ^ 1
  writeFileSync(file, bytes)
}

const sumsWithout = (name: string): string =>
  readFileSync(join(backup, 'SHA256SUMS'), 'utf8').replace(new RegExp(`.*${name}\n`), '')

t.test('it is restored, and everything that was there is there again', async t => {
  const restored = await streams(['restore', backup])
  t.match(restored, { code: 0, out: /EVT: \d+ messages, a new epoch\n.*\nrestored;/s }, restored.err)
  t.equal((await make()).code, 0)
  const observer = await connect('observer')
  const present = (await listStreams(observer)).map(({ name }) => name).sort()
  t.same(present, [...streamNames, ...bucketTable('laptop').map(({ name }) => `KV_${name}`)].sort())
  await observer.drain()

  const ada = await waitFor(() => logIn(api, 'ada'), { what: 'ada logs in', timeoutMs: 60_000 })
  // Until the api has heard again who may no longer ask.
  const record = await waitFor(() => ask(api, `commands/${command}`, ada), {
    ...{ what: 'the record', timeoutMs: 60_000 }
  })
  t.match(record, { id: command, state: 'complete' })
  t.ok((await ask(api, 'session/token', '', { token: personal }))['token'], 'her personal token')
  const next = await waitFor(() => ask(api, 'commands', ada, MOVE), { what: 'a command', timeoutMs: 60_000 })
  t.match(await ask(api, `commands/${next['id']}?wait=30`, ada), { state: 'complete' }, 'and go on')
  t.equal(commander.child.exitCode, null)
})

t.test('a client that comes back with its old cursor is told that it is another log', async t => {
  outcomes.length = 0
  gateway = await start('gateway', { PORT: String(port) })
  const isTold = (): boolean => ['EVT reset', 'COMMANDS reset'].every(told => outcomes.includes(told))
  await waitFor(isTold, { what: `reset: ${outcomes.join(', ')}`, timeoutMs: 60_000 })
  t.notOk(outcomes.some(told => told.endsWith('resumed')))
})

t.test('what exists is replaced where that is said, and only then', async t => {
  const admin = await connect('admin')
  const epoch = async () => (await streamState(admin, 'EVT')).epoch
  const before = await epoch()
  const refused = await streams(['restore', backup])
  t.match(refused, { code: 1, err: /^BRK_STREAM_EXISTS: .*EVT, .*--replace/m })
  t.equal(await epoch(), before)
  t.match(await streams(['restore', backup, '--replace']), { code: 0 })
  t.not(await epoch(), before)
  await admin.drain()
})

t.test('telemetry is taken too where that is asked for', async t => {
  const other = join(folder, 'with-telemetry')
  t.match(await streams(['backup', other, '--telemetry']), { code: 0, out: /^TEL: \d+ messages$/m })
  t.ok(existsSync(join(other, 'TEL.snapshot')))
})

t.test('three servers take a backup and have it back, on as many of them as is said', async t => {
  const cluster = await startCluster()
  t.teardown(() => cluster.stop())
  const broker = await connectBroker({ servers: cluster.url, name: 'test', log: createTestLog() })
  t.teardown(() => broker.drain())
  const specs = streamTable('hill', 'laptop').map(spec => ({ ...spec, replicas: 3 as const }))
  await ensureStreams(broker, specs, createTestLog())
  const subject = eventOf({ site: 'hill', csc: 'MTMount', index: 0, topic: 'summaryState' })
  for (let n = 1; n <= 20; n++) await append(broker, { subject, data: randomBytes(64 * 1024) })
  const before = await streamState(broker, 'EVT')
  const last = await messageAt(broker, 'EVT', 20)
  const target = join(folder, 'of-cluster')
  const here = ['--nats', cluster.url]
  t.match(await streams(['backup', target, ...here], {}), { code: 0, out: /^EVT: 20 messages$/m })
  for (const [replicas, choice] of [
    [3, []],
    [1, ['--replicas', '1']]
  ] as const) {
    const restored = await streams(['restore', target, ...here, '--replace', ...choice], {})
    t.match(restored, { code: 0 }, restored.err)
    t.match(await streamState(broker, 'EVT'), { messages: 20, lastSeq: 20 })
    t.not((await streamState(broker, 'EVT')).epoch, before.epoch)
    t.same(await messageAt(broker, 'EVT', 20), last)
    const answer = await broker.request('$JS.API.STREAM.INFO.EVT', '', { timeoutMs: 5_000 })
    t.equal(JSON.parse(answer.text()).config.num_replicas, replicas)
  }
})

t.test('a long way is told on the way', t => {
  const told: string[] = []
  const progress = createProgress(line => told.push(line))
  for (let mib = 1; mib <= 200; mib++) progress('EVT', mib * 2 ** 20)
  t.same(told, ['EVT: 64 MiB', 'EVT: 128 MiB', 'EVT: 192 MiB'])
  t.end()
})
