// The options of `npm start`: one table for the help, for the first look before anything is installed or built, and for the start itself.
'use strict'
const { parseArgs } = require('node:util')

const GIB = 2 ** 30

/** A number from `least` to `most`; `isWhole`: without a fraction. */
const number =
  (least, most, isWhole = true) =>
  (text, name) => {
    const value = text.trim() === '' ? Number.NaN : Number(text)
    if (!(value >= least && value <= most) || (isWhole && !Number.isInteger(value)))
      throw new Error(
        `--${name} ${text}: a ${isWhole ? 'whole number' : 'number'} from ${least} to ${most} is expected.`
      )
    return value
  }

const text = (value, name) => {
  if (value.trim() === '') throw new Error(`--${name}: a value is expected.`)
  return value
}

const names = (value, name) => {
  const all = text(value, name)
    .split(',')
    .map(one => one.trim())
    .filter(one => one !== '')
  const unspecified = all.find(one => /^(0\.0\.0\.0|\[?::\]?)$/.test(one))
  if (unspecified !== undefined)
    throw new Error(
      `--${name} ${unspecified}: a name is expected under which it is opened; npm start listens on this machine alone (docs/operations.md).`
    )
  const wrong = all.find(one => /[^\w.:[\]-]/.test(one))
  if (wrong !== undefined)
    throw new Error(`--${name} ${wrong}: a name such as console.example.org is expected.`)
  return all
}

const brokerUrl = (value, name) => {
  if (!/^(nats|tls):\/\/./.test(value))
    throw new Error(`--${name} ${value}: an address such as nats://127.0.0.1:4222 is expected.`)
  return value
}

/** The shipped sites, `shippedSites` of libs/catalogue. */
const SITES = ['base', 'small', 'summit', 'tucson']
/** The one whose Kafka a laptop carries. */
const SMALL = 'small'

const TABLE = {
  profile: {
    value: 'NAME',
    default: 'summit',
    help: 'a shipped site: the whole summit, a test stand, or a dozen instances',
    read: name => {
      if (!SITES.includes(name)) throw new Error(`--profile ${name}: one of ${SITES.join(', ')} is expected.`)
      return name
    }
  },
  site: {
    value: 'FILE',
    help: 'a site file of your own instead of a shipped site (docs/sites.md)',
    read: text
  },
  role: {
    value: 'NAME',
    default: 'operator',
    help: 'role of the site that everybody has, because nobody logs in; viewer may command nothing (docs/sites.md)',
    read: text
  },
  users: {
    isFlag: true,
    default: false,
    help: 'everybody logs in with a name and a password; prints the token by which the first administrator is made (docs/operations.md)'
  },
  oidc: {
    isFlag: true,
    default: false,
    help: 'everybody logs in through the OpenID provider that the settings OIDC_… of the environment name (docs/security.md)'
  },
  gateways: { value: 'N', default: 2, help: 'WebSocket gateways', read: number(1, 16) },
  port: { value: 'N', default: 8080, help: 'port of the one address', read: number(1, 65_535) },
  host: {
    value: 'NAMES',
    default: [],
    help: "host names that it answers to besides localhost and this machine's name, separated by commas",
    read: names
  },
  data: {
    value: 'DIR',
    default: '.meridian',
    help: "folder of the broker's store and of the logs",
    read: text
  },
  disk: {
    value: 'GIB',
    help: 'room for the streams; what is above 2 GiB goes to telemetry: 6 hold an hour of the profile small (default: as the folder has it, at first 2)',
    read: (value, name) => number(2, 1024, false)(value, name) * GIB
  },
  nats: {
    value: 'URL',
    help: 'a broker of your own, with JetStream, instead of starting one',
    read: brokerUrl
  },
  mqtt: {
    isFlag: true,
    default: false,
    help: "the broker's MQTT listener, for devices on this machine (docs/sources.md)"
  },
  'sal-kafka': {
    isFlag: true,
    default: false,
    help: 'components speak SAL on Kafka, as those of Rubin do; takes the site small where none is named, and needs a JDK of 17 or later (docs/sources.md)'
  },
  secure: {
    isFlag: true,
    default: false,
    help: 'HTTPS at the one address, and a broker with TLS, where each process has a key and the rights that it needs (docs/security.md)'
  }
}

/** Options that cannot stand together, and why. */
const CONFLICTS = [
  ['site', 'profile', '--profile and --site both name a site; give one of them.'],
  ['users', 'oidc', '--users and --oidc are two ways to log in; give one of them.'],
  ['secure', 'nats', '--secure is for a broker that is started here; one of your own has its own keys.'],
  ['mqtt', 'nats', '--mqtt is for a broker that is started here; one of your own has its own listener.'],
  [
    'mqtt',
    'secure',
    '--mqtt is for a broker without keys; where it has keys each device has a password or a certificate (deploy/components/mqtt/README.md).'
  ],
  [
    'sal-kafka',
    'secure',
    '--sal-kafka starts a Kafka without keys, which --secure promises everywhere; give one of them.'
  ]
]

/**
 * Reads the command line. Gives the values with their defaults, or `{ help }`.
 * Throws an Error of one sentence for what is wrong; `env` tells of options that npm kept to itself, and of the provider.
 */
function parseStart(argv, env = {}) {
  const given = givenOptions(argv)
  if (given.help === true) return { help: helpOf() }
  refuseSwallowed(env)
  const conflict = CONFLICTS.find(([one, other]) => given[one] !== undefined && given[other] !== undefined)
  if (conflict !== undefined) throw new Error(conflict[2])
  if (given.oidc !== undefined) refuseWithoutProvider(env)
  if (given['sal-kafka'] !== undefined && given.site === undefined) given.profile ??= SMALL
  const values = Object.entries(TABLE).map(([name, option]) => [
    name,
    given[name] === undefined ? option.default : option.isFlag || option.read(given[name], name)
  ])
  return Object.fromEntries(values.filter(([, value]) => value !== undefined))
}

function givenOptions(argv) {
  const options = { help: { type: 'boolean', short: 'h' } }
  for (const [name, { isFlag }] of Object.entries(TABLE))
    options[name] = { type: isFlag ? 'boolean' : 'string' }
  const { tokens } = parseArgs({ args: argv, options, strict: false, tokens: true, allowPositionals: true })
  const given = {}
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    refuseUnknown(token, Object.keys(options))
    const { name, rawName } = token
    if (given[name] !== undefined && name !== 'help') throw new Error(`${rawName} is given twice.`)
    given[name] = name === 'help' || givenValueOf(token)
  }
  return given
}

/** What stands behind an option; true for one that takes nothing. */
function givenValueOf({ name, rawName, value }) {
  const { isFlag, value: form } = TABLE[name]
  if (isFlag && value !== undefined) throw new Error(`${rawName} takes no value.`)
  if (!isFlag && value === undefined) throw new Error(`${rawName}: a value is expected (${form}).`)
  return value ?? true
}

function refuseUnknown({ kind, name, rawName, value }, known) {
  if (kind === 'positional')
    throw new Error(
      `'${value}' is no option: write npm start -- --port 8081, with the two dashes before all options.`
    )
  if (!known.includes(name))
    throw new Error(`${rawName} is no option; these are: ${known.map(one => `--${one}`).join(' ')}`)
}

/** `npm start --port=1` gives the option to npm, which keeps it and says nothing. */
function refuseSwallowed(env) {
  if (env.npm_lifecycle_event !== 'start') return
  const swallowed = Object.keys(TABLE).find(name => env[`npm_config_${name}`] !== undefined)
  if (swallowed !== undefined)
    throw new Error(
      `--${swallowed} went to npm: write npm start -- ${usageOf(swallowed)}, with two dashes before it.`
    )
}

/** Without them the api ends at once, again and again [docs/security.md#log-in-through-a-provider]. */
const OF_PROVIDER = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET_FILE']

function refuseWithoutProvider(env) {
  const missing = OF_PROVIDER.filter(name => !env[name])
  if (missing.length > 0)
    throw new Error(
      `--oidc takes the provider from the environment: set ${missing.join(', ')} (docs/security.md).`
    )
}

/** How an option is written. */
const usageOf = name => (TABLE[name].isFlag ? `--${name}` : `--${name} ${TABLE[name].value}`)

function helpOf() {
  const lines = Object.entries(TABLE).map(([name, { isFlag, help, default: preset = [] }]) => {
    const shown = isFlag || [preset].flat().length === 0 ? '' : ` (default: ${preset})`
    return `  ${usageOf(name).padEnd(16)} ${help}${shown}`
  })
  return `Usage: npm start -- [options]

Runs Meridian with a simulated observatory: broker, simulator, producers, gateways, commanders, api and console, on one address. Ctrl-C ends it all.

${lines.join('\n')}
`
}

module.exports = { SITES, parseStart }
