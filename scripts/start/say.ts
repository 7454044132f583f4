import colors from 'picocolors'
import { caFileOf, contextFileOf, seedFileOf } from './key-files.ts'

const began = Date.now()
const seconds = (): string => colors.dim(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s`)

/** Where the nats tool looks by itself. */
export const NATS_PORT = 4222
/** Where a device looks by itself that speaks MQTT. */
export const MQTT_PORT = 1883
const ELSEWHERE = `  Mind that line: this broker is not on port ${NATS_PORT}, and without it nats talks to whoever is there.`

/** By what the nats tool and `pnpm tail` get in where the broker asks for a key: to look only. */
const keysLine = (keys: string): string =>
  `export NATS_CONTEXT=${contextFileOf(keys)} NATS_NKEY_FILE=${seedFileOf(keys, 'observer')} NATS_CA_FILE=${caFileOf(keys)}`

/** Where a started system is, and the name of its site. */
export interface Addresses {
  readonly url: string
  readonly nats: string
  /** Folder of the keys that the broker asks for; undefined: it asks for none. */
  readonly keys: string | undefined
  readonly site: string
  /** Of the broker's MQTT listener; undefined: it has none. */
  readonly mqttPort?: number | undefined
  /** Of Kafka and its registry of schemas; undefined: components do not speak on it. */
  readonly kafka?: string | undefined
  readonly registry?: string | undefined
}

/** By what a component of SAL, or a program that reads one, finds Kafka. */
const kafkaLine = (broker: string, registry: string): string =>
  `export LSST_TOPIC_SUBNAME=sal LSST_KAFKA_BROKER_ADDR=${broker} LSST_SCHEMA_REGISTRY_URL=${registry}`

/** What a device sends that nobody has listed: it is on a page of its own at once. */
const deviceLine = (port: number, site: string): string =>
  `mosquitto_pub -p ${port} -t raw/${site}/Greenhouse/0/tel/climate -m '{"celsius": 21.5}'`

/** Progress of `npm start`, one line each, for a person at a terminal. */
export const say = {
  step: (text: string): void => console.log(`${seconds()}  ${text}`),
  done: (text: string): void => console.log(`${seconds()}  ${colors.green('✓')} ${text}`),
  warn: (text: string): void => console.log(`${seconds()}  ${colors.yellow('!')} ${text}`),
  fail: (text: string): void => console.error(`${seconds()}  ${colors.red('✗')} ${text}`),
  /**
   * The closing lines of a start: where the console is, how the `nats` tool finds the broker, and the name of the
   * site, which README's commands take from `$site`.
   */
  addresses: ({ url, nats, keys, site, mqttPort, kafka, registry }: Addresses): void => {
    console.log(`\n  Meridian is up: ${colors.bold(colors.cyan(url))}\n`)
    console.log(
      `  For the nats tool and pnpm tail, in every terminal:  ${colors.bold(`export NATS_URL=${nats}; site=${site}`)}`
    )
    if (keys !== undefined) {
      console.log(
        `  A browser must trust the CA of this folder first (docs/security.md):  ${colors.bold(caFileOf(keys))}`
      )
      console.log(`  The broker asks for a key, this one may only look:  ${colors.bold(keysLine(keys))}`)
    }
    const { port } = new URL(nats.split(',')[0] ?? '')
    if (port !== '' && port !== String(NATS_PORT)) console.log(colors.yellow(ELSEWHERE))
    if (mqttPort !== undefined)
      console.log(`  A device that speaks MQTT sends like this:  ${colors.bold(deviceLine(mqttPort, site))}`)
    if (kafka !== undefined && registry !== undefined)
      console.log(
        `  A component that speaks SAL on Kafka joins by:  ${colors.bold(kafkaLine(kafka, registry))}`
      )
    console.log()
  },
  /** What a person needs to make the first user. */
  firstToken: (token: string): void => {
    console.log(
      '  There are no users yet. Open the address above and make the first administrator with this token:'
    )
    console.log(`  ${colors.bold(token)}  (once, within 24 hours)\n`)
  }
}
