/**
 * A renewed certificate is read by a broker that runs: the real reloader follows the files of a Secret, which a kubelet replaces all
 * at once, and signals the server. What a server does not take while it runs it refuses whole.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { runTool } from '../run-tool.ts'
import {
  makeCertificate,
  makeKeys,
  publicHalves,
  siteOf,
  startSiteBroker
} from './site-brokers/local-broker.ts'

t.setTimeout(400_000)

/** Its module, at the version of the image in deploy/components/images. */
const RELOADER = 'github.com/nats-io/nack@v0.23.0'
const FILES = ['tls.crt', 'tls.key', 'ca.crt']

/** Builds the reloader in a folder, from its own module, whose go.sum holds for it; undefined where there is no Go. */
async function buildReloader(folder: string): Promise<string | undefined> {
  const timeoutMs = 120_000
  const go = await runTool('go', ['version'], { timeoutMs }).catch(() => undefined)
  if (go === undefined) return undefined
  const { Dir } = JSON.parse(await runTool('go', ['mod', 'download', '-json', RELOADER], { timeoutMs }))
  const program = join(folder, 'reloader')
  const build = ['build', '-C', String(Dir), '-buildvcs=false', '-o', program]
  await runTool('go', [...build, './cmd/nats-server-config-reloader'], { timeoutMs })
  return program
}

/** Puts a new certificate in the place of the one before, as a kubelet does: a folder more, and one link that is turned. */
function renew(secret: string, version: number): void {
  const folder = `..v${version}`
  mkdirSync(join(secret, folder), { recursive: true })
  makeCertificate(join(secret, folder))
  symlinkSync(folder, join(secret, '..next'))
  renameSync(join(secret, '..next'), join(secret, '..data'))
  if (version === 1) for (const file of FILES) symlinkSync(join('..data', file), join(secret, file))
  rmSync(join(secret, `..v${version - 1}`), { recursive: true, force: true })
}

/** Fingerprint of the certificate that is shown at a port. */
const shownAt = (port: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().fingerprint256)
      socket.destroy()
    })
    socket.on('error', reject)
  })

/** Starts the reloader, and resolves when it follows its files. */
async function startReloader(program: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], timeout: 120_000 })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += String(chunk)
  })
  await waitFor(() => said.includes('Live, ready') || child.exitCode !== null, { what: 'the reloader' })
  if (child.exitCode !== null) throw new Error(said)
  return child
}

/** A broker of one server whose certificate is in a Secret, and the file that it runs on. */
async function startLocal(t: Test) {
  const folder = t.testdir()
  const secret = join(folder, 'nats-tls')
  const keys = makeKeys(join(folder, 'local'))
  renew(secret, 1)
  const nats = { servers: 1, storage: '1Gi', tls: true, devices: {} }
  const site = siteOf('local', { nats, nkeys: publicHalves(keys) })
  const broker = await startSiteBroker(site, keys, secret)
  t.teardown(() => broker.stop())
  const [server] = broker.servers
  if (server === undefined) throw new Error('no server was started')
  return { broker, server, secret, keys, conf: join(server.storeDir, 'nats.conf') }
}

const program = await buildReloader(t.testdir())

t.test(
  'a renewed certificate is shown without a restart',
  { skip: program === undefined && 'there is no Go to build the reloader' },
  async t => {
    const { broker, server, secret, keys, conf } = await startLocal(t)
    const pidFile = join(keys.folder, 'server-0/nats.pid')
    const args = ['-pid', pidFile, '-config', conf]
    const reloader = await startReloader(program ?? '', args)
    t.teardown(() => reloader.kill())
    const gateway = await broker.connect('gateway')
    t.teardown(() => gateway.drain())
    const before = await shownAt(server.port)
    renew(secret, 2)
    await waitFor(async () => (await shownAt(server.port)) !== before, {
      what: 'the new certificate',
      timeoutMs: 60_000,
      everyMs: 200
    })
    t.match(server.logText(), 'Reloaded server configuration')
    t.equal(gateway.state(), 'connected')
  }
)

t.test('less room for streams makes it refuse the whole file, more is taken', async t => {
  const { server, secret, conf } = await startLocal(t)
  const before = await shownAt(server.port)
  const text = readFileSync(conf, 'utf8')
  /** Has it read the file with so much room. */
  const reload = async (room: string, answer: RegExp): Promise<void> => {
    writeFileSync(conf, text.replace(/max_file_store: \w+/, `max_file_store: ${room}`))
    server.signal('SIGHUP')
    await waitFor(() => answer.test(server.logText()), { what: String(answer) })
  }
  renew(secret, 2)
  await reload('512MiB', /Failed to reload server configuration: .* decreasing jetstream/)
  t.equal(await shownAt(server.port), before, 'not even the certificate is read')
  await reload('1GiB', /Reloaded: JetStream max_file_store = 1\.00 GB/)
  t.not(await shownAt(server.port), before)
})
