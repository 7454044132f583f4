import {
  type BrokerDevice,
  type BrokerDevices,
  leafDenials,
  natsConfOf,
  natsTlsOf
} from '@meridian/auth/broker'
import { bucketTable, DEVICE_STORE_MIB, streamTable } from '@meridian/broker'
import type { Site, SiteDeploy } from '@meridian/catalogue'
import { type ProcessKind, processKinds } from '@meridian/subjects'
import { readQuantity } from '../deploy/quantity.ts'

/** Where the pod of a server finds what is not in its nats.conf [deploy/components/keys/README.md]. */
const KEYS = '../nats-keys'
/** The seed of this broker, where it dials others [adr/0022]. */
const LEAF = '../nats-leaf'
/** The broker's certificate [deploy/components/nats-tls/README.md]. */
const TLS = '/etc/nats-tls'
/** That by which brokers of sites know each other [deploy/components/leafnode/README.md]. */
const LEAF_TLS = '/etc/nats-leaf-tls'
/** The CA of devices that are known by certificates [deploy/components/mqtt-certificates/README.md]. */
const MQTT_CA = '/etc/nats-mqtt-ca'
/** What a site file says of such a device. */
const BY_CERTIFICATE = 'certificate'
const CERTIFICATE = { certFile: `${TLS}/tls.crt`, keyFile: `${TLS}/tls.key` }

/**
 * The nats.conf of a site's broker: the same bytes each time, and nothing secret. POD_NAME comes from the environment; the
 * words of the admin and the seed of the broker itself, where it dials others, are included from folders beside its own. Without keys in
 * the site file whoever reaches the broker may do everything, and it has no links.
 */
export function natsConf(site: Site): string {
  const { nats } = site.deploy
  return [
    HEADER,
    serverText(site.deploy),
    nats.servers === 1 ? '' : clusterText(site.deploy),
    isKeyed(site) ? leafsText(site) : '',
    takesDevices(site) ? mqttText(nats) : '',
    usersText(site)
  ].join('')
}

/** What a site file asks of its broker and does not get, as sentences. */
export function brokerWarnings(site: Site): readonly string[] {
  const { leafs, nats } = site.deploy
  if (isKeyed(site)) return roomWarnings(site)
  const isLinked = leafs.accepts || Object.keys(leafs.dials).length > 0
  return [
    ...roomWarnings(site),
    ...(isLinked ? ['its broker has no leaf links, because deploy.nkeys is empty'] : []),
    ...(hasDevices(nats) ? ['its broker takes no MQTT devices, because deploy.nkeys is empty'] : [])
  ]
}

/** Share of a volume that streams may take: as much as the server takes by itself where nothing is said [nats-server: server/disk_avail.go]. */
const STORE_SHARE = 0.75
const MIB = 2 ** 20

/** Room for streams in MiB, those of devices included. */
const storeMibOf = ({ storage }: SiteDeploy['nats']): number =>
  Math.floor((readQuantity(storage) * STORE_SHARE) / MIB)

/**
 * The streams step reserves the most that streams and buckets may take, and fails where there is less room. What devices may
 * take is the limit of their account: see `startFaults`.
 */
function roomWarnings(site: Site): readonly string[] {
  const { name, deploy } = site
  const { nats } = deploy
  const profile = nats.servers === 1 ? 'laptop' : 'site'
  const specs = [...streamTable(name, profile), ...bucketTable(profile)]
  const forDevices = takesDevices(site) ? DEVICE_STORE_MIB : 0
  const asked = Math.ceil(specs.reduce((sum, { maxBytes }) => sum + maxBytes, 0) / MIB) + forDevices
  const room = storeMibOf(nats)
  return room >= asked
    ? []
    : [
        `its streams${forDevices > 0 ? ' and devices' : ''} ask for ${asked} MiB, and three quarters of deploy.nats.storage are ${room} MiB: say ${Math.ceil(asked / STORE_SHARE / 1024)}Gi or more`
      ]
}

/** Why the one server of a broker might not start, as sentences: it reserves what devices may take. */
export const startFaults = (site: Site): readonly string[] =>
  site.deploy.nats.servers === 1 && takesDevices(site)
    ? roomWarnings(site).map(warning => `${warning}, or its one server may not start`)
    : []

const STORE = /^ {2}max_file_store: (\d+)MiB$/m

/** What a broker that runs on one nats.conf does not take of another by itself, as sentences [docs/nats.md#configuration]. */
export function reloadWarnings(before: string, after: string): readonly string[] {
  const [had, has] = [before, after].map(conf => Number(STORE.exec(conf)?.[1]))
  return had === undefined || has === undefined || !(has < had)
    ? []
    : [
        `streams may take ${has} MiB instead of ${had}: a broker that runs takes nothing of this nats.conf, keys and certificates included, until its servers are restarted (docs/deploying.md, A smaller disk)`
      ]
}

/** Whether the broker knows its users: the site file has a key of one. */
const isKeyed = ({ deploy: { nkeys } }: Site): boolean => Object.keys(nkeys).length > 0

const hasDevices = ({ devices }: SiteDeploy['nats']): boolean => Object.keys(devices).length > 0

/** Whether its broker lets devices in: only one that knows its users does. */
const takesDevices = (site: Site): boolean => isKeyed(site) && hasDevices(site.deploy.nats)

const HEADER = '# Generated from ../../site.yaml by pnpm site generate; changes are lost.\n'

const serverText = ({ brokerSite, nats }: SiteDeploy): string => `server_name: $POD_NAME
port: 4222
# For probes and figures. It shows the words of the admin too: the network policy says who reaches it.
http: 8222
pid_file: /var/run/nats/nats.pid

jetstream {
  store_dir: /data
  domain: ${JSON.stringify(brokerSite)}
  max_memory_store: 256MiB
  # Three quarters of the volume: the log of replication, indices and what compaction writes anew are not counted.
  # What each stream may take is in its own limits (docs/subjects.md).
  max_file_store: ${storeMibOf(nats)}MiB
  # What a loss of power of several servers may cost, in seconds of acknowledged messages.
  sync_interval: "10s"
}

max_payload: 1MB
ping_interval: "20s"
write_deadline: "10s"

# Clients are sent to another server over this long once this one has been told to stop.
lame_duck_grace_period: "10s"
lame_duck_duration: "30s"
`

const clusterText = ({ brokerSite, nats }: SiteDeploy): string => `
cluster {
  name: ${JSON.stringify(brokerSite)}
  port: 6222
  # Clients come by the Service; they are told of no other address.
  no_advertise: true
  routes: [
${Array.from({ length: nats.servers }, (_, at) => `    nats-route://nats-${at}.nats-headless:6222\n`).join('')}  ]
${nats.tls ? mutualText(TLS, '  ') : ''}}
`

/** A certificate is shown, and one of the same CA asked for. */
const mutualText = (folder: string, indent: string): string => `${indent}tls {
${indent}  cert_file: ${folder}/tls.crt
${indent}  key_file: ${folder}/tls.key
${indent}  ca_file: ${folder}/ca.crt
${indent}  verify: true
${indent}}
`

function leafsText(site: Site): string {
  const { accepts, dials } = site.deploy.leafs
  const listens = accepts
    ? `  port: 7422\n  # Who dials knows the address; those of pods lead nowhere.\n  no_advertise: true\n${mutualText(LEAF_TLS, '  ')}`
    : ''
  const remotes = Object.entries(dials).map(([, url]) => remoteText(url, site.deploy.brokerSite))
  const dialled = remotes.length === 0 ? '' : `  remotes: [\n${remotes.join('')}  ]\n`
  return listens === '' && dialled === '' ? '' : `\nleafnodes {\n${listens}${dialled}}\n`
}

/** A link by which another site reads mirrors of this one [docs/adr/0022-leaf-links.md]. */
function remoteText(url: string, brokerSite: string): string {
  const { imports, exports } = leafDenials(brokerSite)
  return `    {
      url: ${JSON.stringify(url)}
      account: ${JSON.stringify(brokerSite)}
      ignore_discovered_servers: true
      # The seed of this broker, of which the other one has the public half.
      include "${LEAF}/leaf.conf"
${mutualText(LEAF_TLS, '      ').replace(/ *verify: true\n/, '')}      deny_imports: ${listText(imports)}
      deny_exports: ${listText(exports)}
    }
`
}

const listText = (subjects: readonly string[]): string =>
  `[\n${subjects.map(subject => `        ${JSON.stringify(subject)}\n`).join('')}      ]`

/** Whether the broker asks devices for certificates: of all that come to its port, or of none [nats-server: server/auth.go]. */
export const areDevicesCertified = ({ devices }: SiteDeploy['nats']): boolean =>
  Object.values(devices).includes(BY_CERTIFICATE)

const mqttText = (nats: SiteDeploy['nats']): string => `
mqtt {
  port: 1883
${nats.tls || areDevicesCertified(nats) ? mqttTlsText(areDevicesCertified(nats)) : ''}}
`

const mqttTlsText = (areCertified: boolean): string => `  tls {
    cert_file: ${TLS}/tls.crt
    key_file: ${TLS}/tls.key
${areCertified ? MQTT_BY_CERTIFICATE : ''}  }
`

const MQTT_BY_CERTIFICATE = `    # A device is the user whose name is a DNS name of its certificate.
    ca_file: ${MQTT_CA}/ca.crt
    verify_and_map: true
`

/** Its user in nats.conf. */
const deviceOf = ([name, proof]: readonly [string, string]): BrokerDevice => ({
  name,
  ...(proof !== BY_CERTIFICATE && { passwordHash: proof })
})

const devicesOf = ({ devices, servers }: SiteDeploy['nats']): BrokerDevices => ({
  devices: Object.entries(devices).map(deviceOf),
  servers
})

function usersText(site: Site): string {
  const { brokerSite, nats, leafs, nkeys, oldNkeys } = site.deploy
  if (!isKeyed(site))
    return `
# There are no keys in site.yaml: whoever reaches this broker may do everything. \`pnpm site keys ${brokerSite}\` makes some.
${nats.tls ? natsTlsOf(CERTIFICATE) : ''}`
  const usersOf = (keys: SiteDeploy['nkeys']) =>
    processKinds.flatMap((kind: ProcessKind) =>
      keys[kind] === undefined ? [] : [{ kind, publicKey: keys[kind] }]
    )
  return `\n${natsConfOf({
    site: site.name,
    brokerSite,
    users: [...usersOf(nkeys), ...usersOf(oldNkeys)],
    changeWordFile: `${KEYS}/admin.conf`,
    ...(takesDevices(site) && { devices: devicesOf(nats) }),
    leafs: Object.entries(leafs.from).map(([from, publicKey]) => ({ site: from, publicKey })),
    ...(nats.tls && { tls: CERTIFICATE })
  })}`
}
