import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { type Broker, connectBroker, createNkey, type Nkey } from '@meridian/broker'
import { loadCatalogue, readSite, type Site, type SiteDeploy } from '@meridian/catalogue'
import { inboxPrefixOf, type ProcessKind, processKinds } from '@meridian/subjects'
import { createTestLog, freePort, startNats, type TestNats, waitFor } from '@meridian/testing'
import { natsConf } from '../../site/nats-conf.ts'
import { overlaysFolder, siteFileOf } from '../../site/overlays.ts'

/** The word of the admin at the brokers of these tests. */
export const CHANGE_WORD = 'word-of-the-admin-of-one-site-only'

/** Seeds and certificates of a site, as its Secrets would have them. */
export interface SiteKeys {
  readonly folder: string
  readonly nkeys: Readonly<Record<ProcessKind, Nkey>>
  readonly leaf: Nkey
}

/** The broker of a site on loopback, from the nats.conf that its overlay has. */
export interface LocalBroker {
  readonly servers: readonly TestNats[]
  readonly leafPort: number
  readonly mqttPort: number
  readonly keys: SiteKeys
  /** As a process of a kind, or as somebody without a key. */
  connect(
    kind: ProcessKind | 'nobody',
    options?: Partial<Parameters<typeof connectBroker>[0]>
  ): Promise<Broker>
  /** What the monitor of a server answers, whatever its status. */
  ask(server: TestNats, path: string): Promise<unknown>
  /** Waits until each of these says by its probe that its streams are current; default: all. */
  whenHealthy(...servers: readonly TestNats[]): Promise<void>
  stop(): Promise<void>
}

/** The site of an overlay, in a place of its own if it is said how. */
export function siteOf(name: string, deploy: Partial<SiteDeploy> = {}): Site {
  const site = readSite(siteFileOf(overlaysFolder, name), loadCatalogue())
  return { ...site, deploy: { ...site.deploy, ...deploy } }
}

/** Makes keys and a certificate, which is its own CA, in a folder. */
export function makeKeys(folder: string): SiteKeys {
  mkdirSync(folder, { recursive: true })
  const nkeys = Object.fromEntries(processKinds.map(kind => [kind, createNkey()])) as Record<
    ProcessKind,
    Nkey
  >
  const leaf = createNkey()
  for (const kind of processKinds) writeFileSync(join(folder, `${kind}.seed`), nkeys[kind].seed)
  writeFileSync(join(folder, 'admin.conf'), `"$JS.API.${CHANGE_WORD}.>": "$JS.API.>"\n`)
  writeFileSync(join(folder, 'leaf.conf'), `nkey: ${leaf.seed}\n`)
  return { folder, nkeys, leaf }
}

/** A certificate for loopback that is its own CA, under the names that cert-manager gives the files. */
export function makeCertificate(folder: string): void {
  const names = 'subjectAltName=DNS:localhost,IP:127.0.0.1'
  const [crt, key] = [join(folder, 'tls.crt'), join(folder, 'tls.key')]
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const args = [
    ...request,
    ...['-days', '2', '-subj', '/CN=broker', '-addext', names, '-keyout', key, '-out', crt]
  ]
  execFileSync('openssl', args, { stdio: 'ignore' })
  writeFileSync(join(folder, 'ca.crt'), execFileSync('cat', [crt]))
}

/** The section of a site file that these keys give. */
export const publicHalves = ({ nkeys }: SiteKeys): SiteDeploy['nkeys'] =>
  Object.fromEntries(processKinds.map(kind => [kind, nkeys[kind].publicKey]))

const CLUSTER = 6222

/** Starts all servers of a site; `tls` is the folder of certificates. */
export async function startSiteBroker(site: Site, keys: SiteKeys, tls = keys.folder): Promise<LocalBroker> {
  const { servers: size } = site.deploy.nats
  const [routes, monitors] = [await freePorts(size), await freePorts(size)]
  const [leafPort = 0, mqttPort = 0] = await freePorts(2)
  const servers = await Promise.all(
    Array.from({ length: size }, (_, at) => {
      const folder = join(keys.folder, `server-${at}`)
      const places = { at, folder, keys: keys.folder, tls, routes, monitor: monitors[at] ?? 0 }
      mkdirSync(folder, { recursive: true })
      // One of the servers takes links and devices; in the cluster any does.
      const ports = at === 0 ? { leafPort, mqttPort } : { leafPort: 0, mqttPort: 0 }
      return startServer(natsConf(site), { ...places, ...ports })
    })
  )
  const isHealthy = async (server: TestNats): Promise<boolean> =>
    (await fetch(`http://127.0.0.1:${monitors[servers.indexOf(server)]}/healthz`)).ok
  const whenHealthy = async (...asked: readonly TestNats[]): Promise<void> => {
    for (const server of asked.length === 0 ? servers : asked)
      await waitFor(() => isHealthy(server).catch(() => false), {
        what: `${site.deploy.brokerSite}: server on port ${server.port} is healthy`,
        timeoutMs: 120_000,
        everyMs: 100
      })
  }
  await whenHealthy()
  const scheme = site.deploy.nats.tls ? 'tls' : 'nats'
  const addressOf = ({ port }: TestNats): string => `${scheme}://localhost:${port}`
  return {
    servers,
    leafPort,
    mqttPort,
    keys,
    whenHealthy,
    async ask(server, path) {
      const answer = await fetch(`http://127.0.0.1:${monitors[servers.indexOf(server)]}${path}`)
      return answer.json()
    },
    connect: (kind, options) =>
      connectBroker({
        servers: servers.map(addressOf).join(','),
        ...{ name: kind, log: createTestLog() },
        ...(kind !== 'nobody' && {
          inboxPrefix: inboxPrefixOf(kind),
          nkeyFile: join(keys.folder, `${kind}.seed`)
        }),
        ...(site.deploy.nats.tls && { caFile: join(tls, 'ca.crt') }),
        ...(kind === 'admin' && { changeWord: CHANGE_WORD }),
        ...options
      }),
    async stop() {
      await Promise.all(servers.map(server => server.stop()))
    }
  }
}

interface Places {
  readonly at: number
  readonly folder: string
  readonly keys: string
  readonly tls: string
  readonly routes: readonly number[]
  readonly monitor: number
  readonly leafPort: number
  readonly mqttPort: number
}

const startServer = (text: string, places: Places): Promise<TestNats> =>
  startNats({ whole: port => onLoopback(text, { ...places, port }) })

/** The same nats.conf with the ports, folders and names of this machine instead of a pod's. */
function onLoopback(text: string, places: Places & { readonly port: number }): string {
  const { at, folder, keys, tls, routes, monitor, leafPort, mqttPort, port } = places
  const lines: readonly (readonly [string | RegExp, string])[] = [
    ['$POD_NAME', `nats-${at}`],
    ['port: 4222', `listen: "127.0.0.1:${port}"`],
    ['http: 8222', `http: "127.0.0.1:${monitor}"`],
    ['/var/run/nats/nats.pid', join(folder, 'nats.pid')],
    ['store_dir: /data', `store_dir: ${JSON.stringify(join(folder, 'data'))}`],
    ['max_file_store: 98304MiB', 'max_file_store: 64GiB'],
    [`port: ${CLUSTER}`, `listen: "127.0.0.1:${routes[at]}"`],
    ...routes.map((route, n) => [`nats-${n}.nats-headless:${CLUSTER}`, `localhost:${route}`] as const),
    ['port: 7422', `listen: "127.0.0.1:${leafPort === 0 ? -1 : leafPort}"`],
    ['port: 1883', `host: 127.0.0.1\n  port: ${mqttPort === 0 ? -1 : mqttPort}`],
    [/\/etc\/nats-(leaf-)?tls/g, tls],
    ['/etc/nats-mqtt-ca', join(keys, 'mqtt-ca')],
    // The server joins such a path with the folder of its nats.conf.
    [/\.\.\/nats-(keys|leaf)/g, join('..', relative(tmpdir(), keys))]
  ]
  return lines.reduce((conf, [from, to]) => conf.replace(from, () => to), text)
}

/** So many different ports. */
async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
