import { askedOfDevices, DEVICE_ACCOUNT, DEVICE_STORE_MIB, deviceStreamApi } from '@meridian/broker'
import { everythingBelow } from '@meridian/subjects'
import { permissionText } from './permission-text.ts'

/** A device that speaks MQTT: what it tells goes to `raw` of the site, and to nothing else. */
export interface BrokerDevice {
  readonly name: string
  /**
   * bcrypt of its password, as `nats server passwd` makes it. Undefined: it is known by the name in its certificate, and has no
   * password; then the MQTT port must have `verify_and_map`, or whoever knows the name is let in.
   */
  readonly passwordHash?: string
}

/** The devices that speak MQTT to a broker, and how many copies of their sessions it keeps. */
export interface BrokerDevices {
  readonly devices: readonly BrokerDevice[]
  /** Servers of the broker, each of which has a copy of what is stored for devices. */
  readonly servers: number
}

/**
 * nats-server makes five streams for MQTT, and on one of them a consumer whenever a server starts, which ends five minutes
 * after that server [nats-server/server/mqtt.go, mqttCreateAccountSessionManager].
 */
const STREAMS = 8
const CONSUMERS = 64

const BCRYPT = /^\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}$/

/**
 * The account of devices in nats.conf. `raw` goes from it to the account of the site, whose admin may ask for the limits of
 * the streams in it; nothing else passes [docs/adr/0025-account-of-devices.md]. Throws a TypeError for a password that is no bcrypt.
 */
export function deviceAccountText(
  site: string,
  siteAccount: string,
  { devices, servers }: BrokerDevices
): string {
  const account = JSON.stringify(siteAccount)
  const exported = [
    `{ stream: ${JSON.stringify(rawOf(site))}, accounts: [${account}] }`,
    ...deviceStreamApi.map(subject => `{ service: ${JSON.stringify(subject)}, accounts: [${account}] }`)
  ]
  return `
  # Devices that speak MQTT. The limit counts the copies of all servers.
  ${DEVICE_ACCOUNT} {
    jetstream { max_mem: 0, max_file: ${DEVICE_STORE_MIB * servers}MiB, max_streams: ${STREAMS}, max_consumers: ${CONSUMERS} }
    exports: [
${linesOf(exported)}
    ]
    users: [
${devices.map(device => deviceText(device, site)).join('\n')}
    ]
  }`
}

/** The lines by which the account of the site hears devices, under the same subjects, and its admin asks for limits. */
export function deviceImportsText(site: string): string {
  const from = (subject: string): string =>
    `{ account: ${DEVICE_ACCOUNT}, subject: ${JSON.stringify(subject)} }`
  const imported = [
    `{ stream: ${from(rawOf(site))} }`,
    ...deviceStreamApi.map(
      subject => `{ service: ${from(subject)}, to: ${JSON.stringify(askedOfDevices(subject))} }`
    )
  ]
  return `
    imports: [
${linesOf(imported)}
    ]`
}

const linesOf = (lines: readonly string[]): string => lines.map(line => `      ${line}`).join('\n')

const rawOf = (site: string): string => everythingBelow('rawTelemetry', { site })

function deviceText({ name, passwordHash }: BrokerDevice, site: string): string {
  if (passwordHash !== undefined && !BCRYPT.test(passwordHash))
    throw new TypeError(`device ${name}: bcrypt of its password is expected`)
  const password = passwordHash === undefined ? '' : ` password: ${JSON.stringify(passwordHash)},`
  return `      # a device
      { user: ${JSON.stringify(name)},${password} allowed_connection_types: ["MQTT"], permissions {
${permissionText({ publish: [rawOf(site)], subscribe: [] })}
      } }`
}
