/** Keys, permissions and TLS of a connection, on a real nats-server. */
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AppError } from '@meridian/errors'
import { createTestLog, startNats, waitFor } from '@meridian/testing'
import t from 'tap'
import { connectBroker, createNkey, listStreams, type Nkey } from '../src/index.ts'

const usersOf = (key: Nkey, permissions = 'publish: "a.>", subscribe: ["a.>", "_INBOX_me.>"]'): string =>
  `authorization { users: [{ nkey: ${key.publicKey}, permissions { ${permissions} } }] }`

t.test('a process proves itself with the seed of its file, which no log holds', async t => {
  const key = createNkey()
  const nats = await startNats({ config: usersOf(key) })
  t.teardown(() => nats.stop())
  const nkeyFile = join(t.testdir({ seed: `${key.seed}\n` }), 'seed')
  const log = createTestLog()
  const broker = await connectBroker({
    servers: nats.url,
    name: 'me',
    log,
    nkeyFile,
    inboxPrefix: '_INBOX_me'
  })
  t.teardown(() => broker.drain())
  broker.subscribe('a.ask', message => message.respond('yes'))
  broker.publish('a.b', '')
  await broker.flush()
  t.equal(broker.state(), 'connected')
  t.equal(broker.refusal(), undefined)

  await t.rejects(broker.request('b.c', '', { timeoutMs: 5_000 }), {
    code: 'BRK_NOT_PERMITTED',
    message: /: no right to publish on b\.c$/,
    facts: { subject: 'b.c' }
  })
  const word = 'w'.repeat(32)
  const asked: readonly (() => Promise<unknown>)[] = [
    () => broker.request(`$JS.API.${word}.STREAM.UPDATE.TEL`, '', { timeoutMs: 5_000 }),
    () => listStreams(broker)
  ]
  for (const run of asked)
    await t.rejects(run(), {
      code: 'BRK_NOT_PERMITTED',
      message: /publish on \$JS\.API\.(\(word\)\.)?STREAM\./
    })
  for (let i = 0; i < 3; i++) broker.publish('c.d', '')
  const refused: AppError[] = []
  broker.subscribe('c.>', () => {}, { onRefused: error => void refused.push(error) })
  await waitFor(() => broker.stats().refusals.subscription === 1, { what: 'refused subscription' })
  t.same(broker.stats().refusals, { key: 0, publish: 6, subscription: 1 }, 'each is counted')
  await waitFor(() => refused.length === 1, { what: 'whoever subscribed is told' })
  t.match(refused, [{ code: 'BRK_NOT_PERMITTED', message: /: no right to subscribe to c\.>$/ }])
  const said = log.records.filter(line => line['subject'] === 'c.d')
  t.equal(said.length, 1, 'and the same one is logged rarely')
  t.match(said[0], { msg: 'broker does not permit this', err: { code: 'BRK_NOT_PERMITTED' } })
  for (const secret of [key.seed, word]) t.notMatch(JSON.stringify(log.records), secret)
})

t.test('a key that the broker does not know is refused at once, and one that it forgot is told', async t => {
  const [key, other] = [createNkey(), createNkey()]
  const nats = await startNats({ config: usersOf(key) })
  t.teardown(() => nats.stop())
  const folder = t.testdir({ mine: key.seed, other: other.seed })
  const log = createTestLog()
  const connection = { servers: nats.url, name: 'me', log }
  await t.rejects(connectBroker(connection), { code: 'BRK_WRONG_KEY' }, 'no key')
  await t.rejects(connectBroker({ ...connection, nkeyFile: join(folder, 'other') }), {
    code: 'BRK_WRONG_KEY'
  })

  const nkeyFile = join(folder, 'mine')
  const broker = await connectBroker({ ...connection, nkeyFile })
  t.teardown(() => broker.drain())
  await nats.reload(usersOf(other))
  await waitFor(() => broker.refusal() !== undefined, { what: 'the refusal', timeoutMs: 20_000 })
  t.equal(broker.refusal()?.code, 'BRK_WRONG_KEY')
  t.ok(broker.stats().refusals.key > 0)

  writeFileSync(nkeyFile, other.seed)
  await waitFor(() => broker.state() === 'connected', { what: 'the new key is used', timeoutMs: 20_000 })
  t.equal(broker.refusal(), undefined)
})

t.test(
  'a file that is not there or holds no seed is a wrong setting, told without what it holds',
  async t => {
    const folder = t.testdir({ seed: 'SUSECRET' })
    const connection = { servers: 'nats://127.0.0.1:1', name: 'me', log: createTestLog() }
    for (const [options, expected] of [
      [{ nkeyFile: join(folder, 'none') }, /NATS_NKEY_FILE.*none/],
      [{ nkeyFile: join(folder, 'seed') }, /NATS_NKEY_FILE.*holds no seed/],
      [{ caFile: join(folder, 'none') }, /NATS_CA_FILE.*none/]
    ] as const) {
      const refused = connectBroker({ ...connection, ...options })
      await t.rejects(refused, { code: 'CFG_INVALID', message: expected })
      await refused.catch(error => t.notMatch(String(error), 'SECRET'))
    }
  }
)

t.test('the broker is spoken to by TLS alone where a CA is given, and only if that CA signed', async t => {
  const folder = t.testdir({})
  certificate(folder, 'mine')
  certificate(folder, 'other')
  const tls = `tls { cert_file: "${folder}/mine.crt", key_file: "${folder}/mine.key", handshake_first: true }`
  const nats = await startNats({ config: tls })
  t.teardown(() => nats.stop())
  const connection = { servers: nats.url, name: 'me', log: createTestLog(), connectTimeoutMs: 600 }
  const broker = await connectBroker({
    ...connection,
    caFile: `${folder}/mine.crt`,
    connectTimeoutMs: 10_000
  })
  await broker.flush()
  await broker.drain()
  // Long enough for a handshake on a busy machine.
  const patient = { ...connection, connectTimeoutMs: 4_000 }
  await t.rejects(connectBroker({ ...patient, caFile: `${folder}/other.crt` }), { code: 'BRK_INSECURE' })

  const plain = await startNats()
  t.teardown(() => plain.stop())
  const toPlain = { ...patient, servers: plain.url, caFile: `${folder}/mine.crt` }
  await t.rejects(connectBroker(toPlain), { code: 'BRK_INSECURE' }, 'never in the clear')
})

/** A certificate for 127.0.0.1 that signed itself. */
function certificate(folder: string, name: string): void {
  const files = ['-keyout', `${folder}/${name}.key`, '-out', `${folder}/${name}.crt`]
  const subject = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
  const kind = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  execFileSync('openssl', [...kind, '-days', '2', ...files, ...subject], { stdio: 'ignore' })
}
