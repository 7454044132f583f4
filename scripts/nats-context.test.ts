import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { connectBroker, ensureStreams, streamTable } from '@meridian/broker'
import { createTestLog, scriptCommand, startNats } from '@meridian/testing'
import t from 'tap'
import { ensureBrokerKeys } from './start/broker-keys.ts'
import { caFileOf, seedFileOf } from './start/key-files.ts'
import { connectionOf } from './tail/broker-of.ts'

interface Ran {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

function run(env: Record<string, string>, ...args: string[]): Ran {
  const [command, all] = [process.execPath, [...scriptCommand('nats-context'), ...args]]
  const { status, stdout, stderr } = spawnSync(command, all, {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: '', ...env }
  })
  return { code: status, out: stdout, err: stderr }
}

/** A broker with keys as `npm start -- --secure` has it, and the data folder that names it. */
async function secureSystem(t: { testdir(): string; teardown(end: () => unknown): void }) {
  const data = t.testdir()
  const { folder: keys, conf } = ensureBrokerKeys(data, 'hill')
  const nats = await startNats({ config: conf })
  t.teardown(() => nats.stop())
  const url = nats.url.replace(/^nats:/, 'tls:')
  writeFileSync(`${data}/run.json`, JSON.stringify({ nats: url, keys, site: 'hill' }))
  const admin = await connectBroker({
    ...connectionOf({ url, keys }, 'admin', {}),
    ...{ name: 'admin', log: createTestLog() }
  })
  await ensureStreams(admin, streamTable('hill', 'laptop'), createTestLog())
  await admin.drain()
  return { data, keys, url }
}

t.test('the context reads as the observer, from the folder of the nats tool or any other', async t => {
  const { data, keys, url } = await secureSystem(t)
  const home = `${data}/config`
  const written = run({ XDG_CONFIG_HOME: home }, '--data', data)
  t.equal(written.code, 0, written.err)
  const file = `${home}/nats/context/meridian-hill.json`
  t.match(written.out, `${file}\nTry: nats --context meridian-hill stream report`)
  t.equal((statSync(file).mode & 0o777).toString(8), '600')
  const context = JSON.parse(readFileSync(file, 'utf8'))
  t.match(context, { url, nkey: seedFileOf(keys, 'observer'), ca: caFileOf(keys), tls_first: true })
  t.notMatch(readFileSync(file, 'utf8'), /SU[A-Z2-7]{56}/, 'no secret')
  const observer = await connectBroker({
    ...{ servers: context.url, name: 'test', log: createTestLog(), inboxPrefix: context.inbox_prefix },
    ...{ nkeyFile: context.nkey, caFile: context.ca }
  })
  t.teardown(() => observer.drain())
  const names = await observer.request('$JS.API.STREAM.NAMES', '', { timeoutMs: 5_000 })
  t.match(JSON.parse(names.text()).streams, ['AUDIT'])

  t.equal(run({}, '--data', data, '--print').out, readFileSync(file, 'utf8'))
  const elsewhere = run({}, '--data', data, '--name', 'hill', '--to', `${data}/here`)
  t.match(elsewhere.out, `NATS_CONTEXT=${data}/here/hill.json nats`)
  t.equal(run({}, '--data', data, '--name', 'hill', '--to', `${data}/here`).code, 0, 'its own it replaces')

  const tool = process.env['NATS_TOOL'] ?? 'nats'
  const skip = spawnSync(tool, ['--version']).status !== 0 && 'there is no nats tool: set NATS_TOOL'
  await t.test('the nats tool looks with it, and changes nothing', { skip }, async t => {
    const options = {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: data, XDG_CONFIG_HOME: home }
    } as const
    const nats = (...args: string[]): string =>
      execFileSync(tool, ['--context', 'meridian-hill', ...args], { ...options, stdio: 'pipe' })
    t.match(nats('stream', 'report'), /AUDIT[\s\S]*TEL/)
    t.match(nats('stream', 'ls', '--names'), 'COMMANDS')
    t.throws(() => nats('stream', 'purge', 'TEL', '--force'), 'it may only look')
  })
})

t.test('a broker without keys is its address alone', async t => {
  const data = t.testdir()
  writeFileSync(`${data}/run.json`, JSON.stringify({ nats: 'nats://127.0.0.1:4333', site: 'hill' }))
  const { out } = run({}, '--data', data, '--print')
  t.strictSame(JSON.parse(out), { description: 'Meridian', url: 'nats://127.0.0.1:4333' })
})

t.test('what cannot be done is one line with a code', async t => {
  const data = t.testdir()
  t.match(run({}, '--data', data), { code: 2, err: /^RUN_NO_SYSTEM: .*run\.json is not there\n$/ })
  writeFileSync(`${data}/run.json`, JSON.stringify({ nats: 'nats://127.0.0.1:4333', site: 'hill' }))
  t.match(run({}, '--data', data, '--name', '../other'), { code: 2, err: /^RUN_BAD_OPTION: .*--name/ })
  mkdirSync(`${data}/nats`)
  writeFileSync(`${data}/nats/work.json`, '{"description":"mine","url":"nats://prod"}')
  const taken = run({}, '--data', data, '--name', 'work', '--to', `${data}/nats`)
  t.match(taken, { code: 2, err: /^RUN_BAD_FILE: .*was not written here/ })
  t.match(readFileSync(`${data}/nats/work.json`, 'utf8'), 'mine')
  for (const others of [
    '{"description":"Meridian of another site","url":"nats://prod"}',
    `${JSON.stringify({ description: 'Meridian', url: 'nats://prod', user: 'me' }, null, 2)}\n`
  ]) {
    writeFileSync(`${data}/nats/work.json`, others)
    const kept = run({}, '--data', data, '--name', 'work', '--to', `${data}/nats`)
    t.match(kept, { code: 2, err: /^RUN_BAD_FILE: .*was not written here, or was changed since/ })
    t.equal(readFileSync(`${data}/nats/work.json`, 'utf8'), others)
  }
})
