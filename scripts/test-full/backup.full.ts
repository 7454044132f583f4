/**
 * A whole site with keys and users is backed up, its broker's store lost, and restored by `pnpm streams`: users, personal tokens and
 * the record of commands come back, and clients with cursors of before are told.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { bucketTable, listStreams, streamState } from '@meridian/broker'
import { createClient, type Update } from '@meridian/client'
import { streamNames } from '@meridian/subjects'
import { freePort, type ServiceProcess, waitFor } from '@meridian/testing'
import t from 'tap'
import { begin } from './keyed-site/command.ts'
import { MOVE, PASSWORD, SITE } from './keyed-site/facts.ts'
import { makeStreams, startKeyedSite } from './keyed-site/start-keyed-site.ts'

t.setTimeout(300_000)

const BACKED_UP = [
  ...['AUDIT', 'COMMANDS', 'EVT', 'JOBS', 'JOBSTATE', 'KV_auth_tokens', 'KV_auth_users', 'SCRIPT']
]
const site = await startKeyedSite(t)
const { nats, folder, streams, connect, start } = site
const backup = join(folder, 'backup')

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

await makeStreams(site)
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

t.test('a backup is for its owner alone, and has all that outlasts', async t => {
  const done = await streams(['backup', backup])
  t.match(done, { code: 0, out: /COMMANDS: \d+ messages\n.*8 streams, whole\n$/s }, done.err)
  const files = readdirSync(backup).sort()
  t.same(files, [...BACKED_UP.map(name => `${name}.snapshot`), 'SHA256SUMS', 'backup.json'].sort())
  t.equal(statSync(backup).mode & 0o777, 0o700)
  for (const file of files) t.equal(statSync(join(backup, file)).mode & 0o777, 0o600, file)
  const sums = await begin('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {}, backup).ended
  t.match(sums, { code: 0 }, sums.err)
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

t.test('it is restored, and everything that was there is there again', async t => {
  const restored = await streams(['restore', backup])
  t.match(restored, { code: 0, out: /EVT: \d+ messages, a new epoch\n.*\nrestored;/s }, restored.err)
  await makeStreams(site)
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
  const replaced = await streams(['restore', backup, '--replace'])
  t.match(replaced, { code: 0 }, replaced.err)
  t.not(await epoch(), before)
  await admin.drain()
})

t.test('telemetry is taken too where that is asked for', async t => {
  const other = join(folder, 'with-telemetry')
  t.match(await streams(['backup', other, '--telemetry']), { code: 0, out: /^TEL: \d+ messages$/m })
  t.ok(existsSync(join(other, 'TEL.snapshot')))
})
