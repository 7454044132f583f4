import { createNkey } from '@meridian/broker'
import { loadCatalogue, readSite, type Site, type SiteDeploy } from '@meridian/catalogue'
import t from 'tap'
import { brokerWarnings, natsConf } from './nats-conf.ts'
import { overlaysFolder, siteFileOf } from './overlays.ts'

const catalogue = loadCatalogue()

function siteOf(name: string, deploy: Partial<SiteDeploy> = {}): Site {
  const site = readSite(siteFileOf(overlaysFolder, name), catalogue)
  return { ...site, deploy: { ...site.deploy, ...deploy } }
}

const { publicKey } = createNkey()
const NATS = { servers: 3, storage: '1Gi', devices: {} }
const nkeys = { gateway: publicKey, admin: createNkey().publicKey }

/** The lines of a user, up to the next one. */
const userOf = (conf: string, publicKey: string): string =>
  conf.slice(conf.indexOf(publicKey)).split('\n      } }')[0] ?? ''

t.test('without keys it has a domain and a cluster, and neither users nor links', async t => {
  const conf = natsConf(siteOf('summit', { nkeys: {}, nats: { ...NATS, tls: false } }))
  t.match(conf, /\n {2}domain: "summit"\n/)
  t.match(conf, /\n {4}nats-route:\/\/nats-2\.nats-headless:6222\n/)
  t.match(conf, /whoever reaches this broker may do everything/)
  t.notMatch(conf, /accounts|leafnodes|mqtt|tls \{/)
  t.notMatch(natsConf(siteOf('local')), /cluster/)
})

t.test('streams may take three quarters of a volume, and a volume too small for them is told', async t => {
  const withStorage = (storage: string, servers = 3): Site => {
    const site = siteOf('tucson', { nkeys })
    return { ...site, deploy: { ...site.deploy, nats: { ...site.deploy.nats, servers, storage } } }
  }
  t.match(natsConf(withStorage('64Gi')), /\n {2}max_file_store: 49152MiB\n/)
  t.match(natsConf(withStorage('5Gi')), /\n {2}max_file_store: 3840MiB\n/)
  t.same(brokerWarnings(withStorage('48Gi')), [])
  t.match(brokerWarnings(withStorage('40Gi')), [
    /^its streams ask for \d+ MiB, and three quarters of deploy\.nats\.storage are 30720 MiB: say 4\dGi or more$/
  ])
  t.same(brokerWarnings(withStorage('4Gi', 1)), [])
  const { deploy, ...site } = withStorage('40Gi')
  const [without = ''] = brokerWarnings({ ...site, deploy })
  const nats = { ...deploy.nats, devices: { dome: 'certificate' } }
  const [warning = ''] = brokerWarnings({ ...site, deploy: { ...deploy, nats } })
  const askedIn = (text: string): number => Number(/ask for (\d+) MiB/.exec(text)?.[1])
  t.match(warning, 'its streams and devices ask for')
  t.equal(askedIn(warning), askedIn(without) + 64)
})

t.test('TLS needs no keys', async t => {
  const conf = natsConf(siteOf('summit', { nkeys: {}, nats: { ...NATS, tls: true } }))
  t.match(conf, /\ntls \{\n {2}cert_file: "\/etc\/nats-tls\/tls\.crt"\n/, 'for clients')
  t.match(
    conf,
    /\n {2}tls \{\n {4}cert_file: \/etc\/nats-tls\/tls\.crt\n[^}]* verify: true/,
    'between servers'
  )
  t.notMatch(conf, /accounts/)
})

t.test('links that a site asks for and does not get are told', async t => {
  t.match(brokerWarnings(siteOf('summit', { nkeys: {} })), [/no leaf links/])
  t.same(brokerWarnings(siteOf('summit', { nkeys })), [])
  t.same(brokerWarnings(siteOf('local')), [])
})

t.test('it holds nothing secret: the words of the admin and the broker’s own seed are included', async t => {
  const conf = natsConf(siteOf('summit', { nkeys }))
  t.match(conf, /\n {6}include "\.\.\/nats-keys\/admin\.conf"\n {4}\}/)
  t.match(conf, /\n {6}include "\.\.\/nats-leaf\/leaf\.conf"\n/)
  t.notMatch(conf, /\bSU[A-Z2-7]{56}\b/)
  t.match(userOf(conf, nkeys.admin), /"\$JS\.API\.\*\.STREAM\.CREATE\.TEL"/, 'a word is asked for')
  t.notMatch(userOf(conf, nkeys.admin), /"\$JS\.API\.STREAM\.CREATE/)
})

t.test('while a key changes the old one has the same rights', async t => {
  const old = createNkey().publicKey
  const conf = natsConf(siteOf('summit', { nkeys, oldNkeys: { gateway: old } }))
  const rights = (key: string): string => userOf(conf, key).slice(key.length)
  t.match(rights(old), /publish/)
  t.equal(rights(old), rights(publicKey))
})

t.test('a place that reads another site has mirrors, and nobody there sends commands', async t => {
  const api = createNkey().publicKey
  const conf = natsConf(siteOf('usdf', { nkeys: { ...nkeys, api } }))
  t.match(conf, /\naccounts \{\n {2}"usdf" \{/)
  t.match(userOf(conf, publicKey), /"\$JS\.API\.CONSUMER\.CREATE\.EVT_summit"/)
  for (const key of [publicKey, api]) t.notMatch(userOf(conf, key), /"cmd\.|CREATE\.EVT"/)
  const admin = userOf(conf, nkeys.admin)
  for (const what of ['CREATE', 'UPDATE', 'DELETE']) t.match(admin, `"$JS.API.*.STREAM.${what}.EVT_summit"`)
  t.match(admin, '"$JS.summit.API.STREAM.INFO.EVT"')
})

t.test('a device may say what it measures, and another broker what a mirror asked for', async t => {
  const passwordHash = `$2a$11$${'a'.repeat(53)}`
  const from = createNkey().publicKey
  const site = siteOf('base', {
    nkeys,
    nats: { ...NATS, tls: true, devices: { dome: passwordHash } },
    leafs: { accepts: true, from: { summit: from }, dials: {} }
  })
  const conf = natsConf(site)
  t.match(userOf(conf, passwordHash), /allow: \[\n +"raw\.base\.>"\n +\] \}\n +subscribe \{ deny: ">" \}/)
  t.match(userOf(conf, passwordHash), 'allowed_connection_types: ["MQTT"]')
  t.match(userOf(conf, from), 'allowed_connection_types: ["LEAFNODE"]')
  t.match(conf, '"$JS.API.STREAM.CREATE.EVT": "refused"')
  t.notMatch(conf, '"$JS.API.STREAM.CREATE.*"', 'the server makes streams for sessions of devices')
  t.match(conf, 'max_file: 192MiB', 'a copy on each of three servers')
  t.equal(conf.match(/verify: true/g)?.length, 2, 'routes and links ask for a certificate')
})

t.test('devices with certificates have no password, and the port asks for one of their CA', async t => {
  const nats = { ...NATS, tls: true, devices: { dome: 'certificate' } }
  const conf = natsConf(siteOf('base', { nkeys, nats }))
  t.match(conf, /\n {6}\{ user: "dome", allowed_connection_types: \["MQTT"\], permissions \{/)
  t.match(conf, /\nmqtt \{[^}]*\n {4}ca_file: \/etc\/nats-mqtt-ca\/ca\.crt\n {4}verify_and_map: true\n/)
  t.match(
    natsConf(siteOf('base', { nkeys, nats: { ...nats, tls: false } })),
    'verify_and_map: true',
    'whatever is said'
  )
  const byPassword = { dome: `$2a$11$${'a'.repeat(53)}` }
  t.notMatch(natsConf(siteOf('base', { nkeys, nats: { ...nats, devices: byPassword } })), 'verify_and_map')
})
