/** The Compose file: held against its schema, its settings against the services, and its proxy against real services. */
import { spawn, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findNatsServer, freePort, startService, waitFor } from '@meridian/testing'
import t, { type Test } from 'tap'
import { Errors } from 'typebox/schema'
import { parse } from 'yaml'
import { IMAGES } from '../images/image-table.ts'
import { startTrialBroker } from '../images/trial-broker.ts'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'

t.setTimeout(300_000)

/** The module of the schema that the makers of Compose check with. */
const SCHEMA_MODULE = 'github.com/compose-spec/compose-go/v2@v2.9.0'

interface ComposeService {
  readonly image: string
  readonly environment?: Readonly<Record<string, string | number>>
  readonly [other: string]: unknown
}

interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
}

const folder = join(root, 'deploy/compose')
/** As Compose reads it where nothing is set in the environment. */
const text = readFileSync(join(folder, 'compose.yaml'), 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
const compose = parse(text, { merge: true }) as Compose
const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('meridian/'))
const serviceOf = ({ image }: ComposeService): string => image.replace(/^meridian\/(.*):.*$/, '$1')

const schema = await readSchema().catch((error: Error) => error)
const skip = schema instanceof Error ? `the schema of Compose is not to be had: ${schema.message}` : false

async function readSchema(): Promise<object> {
  const told = JSON.parse(await runTool('go', ['mod', 'download', '-json', SCHEMA_MODULE])) as { Dir: string }
  return JSON.parse(readFileSync(join(told.Dir, 'schema/compose-spec.json'), 'utf8')) as object
}

t.test('the file is as the schema of Compose says', { skip }, async t => {
  t.same(Errors(schema as object, compose), [true, []])
  const { api } = compose.services
  const broken = { services: { ...compose.services, api: { ...api, read_onyl: true } } }
  t.match(Errors(schema as object, broken), [false], 'a field that nobody knows')
})

t.test(
  'every service of ours is an image of ours, has settings that it knows, and can do little',
  async t => {
    t.same([...new Set(ours.map(([, service]) => serviceOf(service)))].sort(), [...IMAGES.keys()].sort())
    for (const [name, service] of ours) {
      t.match(service, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] }, name)
      const bundle = join(root, IMAGES.get(serviceOf(service))?.folders.dist ?? '', 'main.js')
      if (service.environment === undefined) continue
      const { stdout } = spawnSync(process.execPath, [bundle, '--help'], { encoding: 'utf8' })
      for (const setting of Object.keys(service.environment))
        t.match(stdout, new RegExp(`^  ${setting} `, 'm'), `${name}: ${setting}`)
    }
    const indices = ours.map(([, { environment, image }]) => `${image} ${environment?.['PROCESS_INDEX']}`)
    t.equal(new Set(indices).size, indices.length, 'no two beat under one name')
  }
)

t.test('the broker takes its configuration', async t => {
  const { status, stderr } = spawnSync(findNatsServer(), ['-t', '-c', join(folder, 'nats.conf')], {
    encoding: 'utf8'
  })
  t.equal(status, 0, stderr)
})

const skipProxy = spawnSync('haproxy', ['-v']).error === undefined ? false : 'haproxy is not installed'

t.test(
  'behind the proxy console, api and gateways have one address, and probes have none',
  { skip: skipProxy },
  async t => {
    const nats = await startTrialBroker('small')
    t.teardown(() => nats.stop())
    let proxy = readFileSync(join(folder, 'haproxy.cfg'), 'utf8')
    for (const name of ['gateway-1', 'gateway-2', 'api']) {
      const { address } = await startOne(t, name, nats.url)
      proxy = proxy.replace(` ${name}:8080`, ` ${new URL(address).host}`)
    }
    const port = await freePort()
    const file = join(t.testdir({}), 'haproxy.cfg')
    writeFileSync(file, proxy.replace('bind :8080', `bind 127.0.0.1:${port}`))
    const haproxy = spawn('haproxy', ['-db', '-f', file], { stdio: 'ignore' })
    t.teardown(() => void haproxy.kill('SIGKILL'))
    const get = (path: string): Promise<Response> => fetch(`http://127.0.0.1:${port}${path}`)
    await waitFor(async () => (await get('/')).ok && (await get('/live')).status !== 503, {
      what: 'the proxy has its servers'
    })
    t.match(await (await get('/')).text(), /<html/, 'the console')
    t.match(await (await get('/live')).json(), { error: {} }, 'a gateway says that it wants an upgrade')
    t.match(await (await get('/api/nothing')).json(), { error: { code: 'NET_NO_ROUTE' } }, 'the api')
    for (const path of ['/readyz', '/metrics', '/version']) t.equal((await get(path)).status, 404, path)
  }
)

async function startOne(t: Test, name: string, natsUrl: string): Promise<{ readonly address: string }> {
  const service = compose.services[name] as ComposeService
  const environment = Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([key, value]) => [key, String(value)])
  )
  const here = { NATS_URL: natsUrl, HOST: '127.0.0.1', PORT: '0', TRUSTED_PROXIES: 'loopback' }
  const settings = { ...environment, ...here, CONSOLE_DIR: join(root, 'services/console/dist') }
  const process = await startService(join(root, 'services', serviceOf(service)), settings)
  t.teardown(() => process.stop())
  return process
}
