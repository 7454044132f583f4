import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { connectBroker } from '@meridian/broker'
import { createTestLog, scriptCommand, waitFor } from '@meridian/testing'
import { passProvider, startOidcProvider, type TestProvider } from '@meridian/testing/openid-provider'
import t, { type Test } from 'tap'
import { WebSocket } from 'ws'
import { freePort } from '../start/ports.ts'
import { isAlive, startCommand as start } from '../start/start-command.ts'

const until = (what: string, holds: () => boolean): Promise<boolean> => waitFor(holds, { what })

t.test(
  'the whole system comes up, mends a killed process and leaves nothing behind after Ctrl-C',
  async t => {
    const port = await freePort()
    const data = t.testdir()
    const system = start('--profile', 'small', '--port', String(port), '--data', data)
    t.teardown(() => system.child.exitCode ?? process.kill(-(system.child.pid as number), 'SIGINT'))
    await system.said('Meridian is up')
    t.match(await system.said('Ctrl-C ends everything'), /export NATS_URL=nats:\/\/127\.0\.0\.1:\d+/)
    const address = `http://127.0.0.1:${port}`

    const page = await fetch(`${address}/`)
    t.equal(page.status, 200)
    t.match(await page.text(), '<title>Meridian')
    t.match(await (await fetch(`${address}/api/site`)).json(), { instances: Array })

    const pids = (): Record<string, number> => JSON.parse(readFileSync(`${data}/run.json`, 'utf8')).pids
    const first = pids()

    const second = start('--profile', 'small', '--port', String(await freePort()), '--data', data)
    t.equal((await once(second.child, 'exit'))[0], 2)
    t.match(second.output(), /Meridian runs on .* already \(process \d+\)/)
    t.same(pids(), first, 'and the first one does not notice')

    process.kill(first['gateway-1'] as number, 'SIGKILL')
    await system.said(/gateway-1 ended \(SIGKILL\); started again/)
    await system.said('gateway-1 is back')
    t.not(pids()['gateway-1'], first['gateway-1'], 'the file tells the new process')

    process.kill(-(system.child.pid as number), 'SIGINT')
    const [code] = await once(system.child, 'exit')
    t.equal(code, 0)
    for (const line of [
      /ending everything/,
      /stopping front\n/,
      /stopping .*gateway-2/,
      /stopping nats-server/
    ])
      t.match(system.output(), line)
    t.match(system.output(), `everything has ended; what was stored stays in ${data}`)
    await until('every process is gone', () => Object.values(first).every(pid => !isAlive(pid)))
  }
)

t.test('a data folder that cannot be used is told with a code, at once', async t => {
  const folder = t.testdir({ file: 'text', inside: {} })
  execFileSync('sh', ['-c', 'mkfifo pipe inside/nats.conf'], { cwd: folder })
  mkdirSync(`${folder}/store`)
  writeFileSync(`${folder}/store/jetstream-small`, 'not a folder')
  const say = async (data: string, code = 2): Promise<string> => {
    const odd = start('--profile', 'small', '--port', String(await freePort()), '--data', data)
    t.equal((await once(odd.child, 'close'))[0], code, data)
    t.notMatch(odd.output(), / at .*\.ts:/)
    return odd.output()
  }
  t.match(await say(`${folder}/file`), /RUN_BAD_FOLDER: .*file: not a folder/)
  t.match(await say(`${folder}/file/below`), /RUN_BAD_FOLDER: .*below: ENOTDIR/)
  t.match(await say(`${folder}/pipe`), /RUN_BAD_FOLDER: .*pipe: not a folder/)
  t.match(await say(`${folder}/inside`), /RUN_BAD_FOLDER: .*nats\.conf in it is not a file/)
  for (const strange of ['/proc', '/proc/not/there'])
    t.match(await say(strange), `RUN_BAD_FOLDER: data folder cannot be used: ${strange}: ENOENT`)
  t.match(await say(`${folder}/store`, 1), /RUN_NOT_READY: .*nats-server \(.*Its log ends: .*jetstream/i)
})

t.test('a site file with a fault ends the start in one line with code, file and line', async t => {
  const file = `${t.testdir({ 'site.yaml': 'name: hill\ninstances:\n  mtmount: [0]\n' })}/site.yaml`
  const bad = start('--site', file)
  t.equal((await once(bad.child, 'exit'))[0], 2)
  t.match(bad.output(), /CAT_SITE_UNKNOWN.*site\.yaml:3: instances\.mtmount.*did you mean 'MTMount'/)
  t.notMatch(bad.output(), / at .*\.ts:/)
  const both = start('--site', file, '--profile', 'small')
  await once(both.child, 'exit')
  t.match(both.output(), /--profile and --site both name a site/)
})

t.test('a port in use and a wrong option are one sentence each', async t => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  t.teardown(() => taken.close())
  const { port } = taken.address() as { port: number }
  const busy = start('--port', String(port), '--data', t.testdir())
  const [code] = await once(busy.child, 'exit')
  t.equal(code, 2)
  t.match(busy.output(), `RUN_BAD_PORT: port cannot be used: ${port} is in use; choose another with --port`)
  t.notMatch(busy.output(), / at .*\.ts:/)

  const wrong = start('--gateways', 'many')
  await once(wrong.child, 'exit')
  t.match(
    wrong.output(),
    'RUN_BAD_OPTION: command line is not as expected: --gateways many: a whole number from 1 to 16 is expected'
  )
})

t.test('with --secure nobody gets in without a key, and the tools have theirs', async t => {
  const data = t.testdir()
  const options = [
    '--profile',
    'small',
    '--gateways',
    '1',
    '--port',
    String(await freePort()),
    '--data',
    data
  ]
  const system = start('--secure', '--users', ...options)
  t.teardown(() => system.child.exitCode ?? process.kill(-(system.child.pid as number), 'SIGINT'))
  const said = await system.said('Ctrl-C ends everything')
  t.match(said, `export NATS_CONTEXT=${data}/keys/observer.json`)
  const { nats, url } = JSON.parse(readFileSync(`${data}/run.json`, 'utf8'))
  const { protocol, host } = new URL(nats)
  t.equal(protocol, 'tls:')
  const stranger = { servers: nats, name: 'test', log: createTestLog(), connectTimeoutMs: 2_000 }
  await t.rejects(connectBroker(stranger), { code: /BRK_/ }, 'in the clear')
  const caFile = `${data}/keys/ca.crt`
  await t.rejects(connectBroker({ ...stranger, caFile }), { code: 'BRK_WRONG_KEY' }, 'without a key')

  const state = 'evt.small.MTMount.0.summaryState'
  const [command = '', ...args] = [process.execPath, ...scriptCommand('tail')]
  const tail = (): string =>
    execFileSync(command, [...args, '--data', data, '--once', state], { encoding: 'utf8', stdio: 'pipe' })
  await waitFor(() => tail().includes(state), { what: `a message at ${host}`, everyMs: 500 })
  t.match(said, `A browser must trust the CA of this folder first (docs/security.md):  ${caFile}`)
  t.match(url, /^https:/)
  await logsInOverTls(t, { url, caFile, token: /with this token:\s+(\S+)/.exec(said)?.[1] ?? '', state })
  for (const name of readdirSync(`${data}/log`))
    t.notMatch(
      readFileSync(`${data}/log/${name}`, 'utf8'),
      /BRK_NOT_PERMITTED|Violation|SU[A-Z2-7]{56}/,
      name
    )
  t.notMatch(readFileSync(`${data}/nats.conf`, 'utf8'), /SU[A-Z2-7]{56}/)
  process.kill(-(system.child.pid as number), 'SIGINT')
  t.equal((await once(system.child, 'exit'))[0], 0)

  const both = start('--secure', '--nats', nats)
  t.equal((await once(both.child, 'exit'))[0], 2)
  t.match(both.output(), /RUN_BAD_OPTION.*--secure is for a broker that is started here/)
})

interface SecureDoor {
  readonly url: string
  readonly caFile: string
  /** Of the first administrator. */
  readonly token: string
  /** A subject that has a value. */
  readonly state: string
}

/** Logs in with cookies as a page does, reads, and opens a WebSocket, all over TLS. */
async function logsInOverTls(t: Test, { url, caFile, token, state }: SecureDoor): Promise<void> {
  const ca = readFileSync(caFile)
  const ask = async (path: string, headers: Record<string, string>, body?: object) => {
    const method = body === undefined ? 'GET' : 'POST'
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request(new URL(path, url), { ca, agent: false, method, headers: { ...type, ...headers } })
    sent.end(body && JSON.stringify(body))
    const [answer] = await once(sent, 'response')
    const text = Buffer.concat(await answer.toArray()).toString()
    return { status: answer.statusCode, cookies: answer.headers['set-cookie'] ?? [], body: JSON.parse(text) }
  }
  const { origin } = new URL(url)
  const password = 'correct horse battery'
  t.match(await ask('/api/users/first', {}, { token, name: 'ada', password }), { status: 201 })
  const login = { name: 'ada', password }
  const clear = origin.replace('https', 'http')
  t.match(await ask('/api/session', { origin: clear }, login), {
    ...{ status: 403, body: { error: { code: 'AUT_BAD_ORIGIN' } } }
  })
  const { status, cookies } = await ask('/api/session', { origin }, login)
  t.equal(status, 200)
  t.equal(cookies.length, 2)
  for (const cookie of cookies) t.match(cookie, /; HttpOnly; Secure; SameSite=Strict/)
  const cookie = cookies.map((text: string) => text.split(';')[0]).join('; ')
  t.match((await ask(`/api/snapshot?topics=${state}`, { cookie })).body, { topics: [{ subject: state }] })
  const live = (from: string) =>
    new WebSocket(`${origin.replace('https', 'wss')}/live`, 'meridian.v1.json', {
      ca,
      origin: from,
      headers: { cookie }
    })
  const socket = live(origin)
  const [welcome] = await once(socket, 'message')
  t.match(String(welcome), '"principal":"ada"')
  socket.terminate()
  const [, refused] = await once(live(clear), 'unexpected-response')
  t.equal(refused.statusCode, 403, 'a page that came in the clear')
}

t.test(
  "a site of one's own runs with a home-made component, and with --oidc people log in through their provider",
  async t => {
    const port = await freePort()
    const address = `http://127.0.0.1:${port}`
    const provider = await startOidcProvider({
      people: { s1: { preferred_username: 'grace', groups: ['crew'] } },
      redirectUrls: [`${address}/api/session/oidc/callback`]
    })
    t.teardown(() => provider.stop())
    const hill = readFileSync(new URL('../../docs/examples/hill.yaml', import.meta.url), 'utf8')
    const data = t.testdir({
      secret: provider.clientSecret,
      'site.yaml': `${hill}
roles: { operator: { read: [">"], groups: [crew] }, chief: { users: true, groups: [chiefs] } }
`
    })
    const settings = {
      ...{ OIDC_ISSUER: provider.issuer, OIDC_CLIENT_ID: provider.clientId },
      ...{ OIDC_CLIENT_SECRET_FILE: `${data}/secret`, OIDC_SCOPE: 'openid profile groups' }
    }
    Object.assign(process.env, settings)
    t.teardown(() => Object.keys(settings).map(name => delete process.env[name]))
    const system = start(
      ...['--site', `${data}/site.yaml`, '--oidc', '--gateways', '1', '--port', String(port), '--data', data]
    )
    t.teardown(() => system.child.exitCode ?? process.kill(-(system.child.pid as number), 'SIGINT'))
    await system.said(`the provider sends people back to ${address}/api/session/oidc/callback`)
    await system.said('Ctrl-C ends everything')
    const cookie = await logsInThrough(provider, address)
    const ask = async (path: string): Promise<unknown> =>
      (await fetch(`${address}/api/${path}`, { headers: { cookie } })).json()
    t.match(await ask('me'), { name: 'grace', roles: ['operator'], mode: 'oidc' })
    t.match(await ask('site'), {
      name: 'hill',
      observatory: 'Hill Observatory',
      instances: [{ csc: 'ATDome' }, { csc: 'ESS', index: 1 }, { csc: 'Greenhouse' }],
      subsystems: ['Auxiliary Telescope', 'Environment', 'Garden'],
      components: { Greenhouse: { subsystem: 'Garden' } }
    })
    await hasTheSimulatedAndTheHomeMade(t, data)
    process.kill(-(system.child.pid as number), 'SIGINT')
    t.equal((await once(system.child, 'exit'))[0], 0)
  }
)

/** Logs in as the provider's only person; returns the cookies of the session. */
async function logsInThrough(provider: TestProvider, address: string): Promise<string> {
  const cookieOf = (answer: Response): string =>
    answer.headers
      .getSetCookie()
      .map(set => set.split(';')[0])
      .join('; ')
  const begun = await fetch(`${address}/api/session/oidc`, { redirect: 'manual' })
  const back = await passProvider(provider, begun.headers.get('location') ?? '', 's1')
  return cookieOf(await fetch(back, { headers: { cookie: cookieOf(begun) }, redirect: 'manual' }))
}

async function hasTheSimulatedAndTheHomeMade(t: Test, data: string): Promise<void> {
  const { nats, pids } = JSON.parse(readFileSync(`${data}/run.json`, 'utf8'))
  t.same(
    Object.keys(pids).filter(name => name.startsWith('producer')),
    ['producer-rest'],
    'a site that asks for no producer of its own has one'
  )
  const broker = await connectBroker({ servers: nats, name: 'greenhouse', log: createTestLog() })
  t.teardown(() => broker.drain())
  const subjects = new Set<string>()
  broker.subscribe('*.hill.>', ({ subject }) => void subjects.add(subject))
  await broker.flush()
  broker.publish('raw.hill.Greenhouse.0.tel.climate', '{"celsius": 21.5}')
  for (const subject of ['tel.hill.Greenhouse.0.climate', 'hb.hill.ATDome.0', 'hb.hill.ESS.1'])
    await until(subject, () => subjects.has(subject))
}

t.test('--help shows every option', async t => {
  const help = start('--help')
  const [code] = await once(help.child, 'exit')
  t.equal(code, 0)
  for (const option of [
    '--profile',
    '--site',
    '--gateways',
    '--port',
    '--host',
    '--data',
    '--disk',
    '--nats',
    '--secure'
  ])
    t.match(help.output(), option)
})
