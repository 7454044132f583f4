import { AppError } from '@meridian/errors'
import { type Static, type TObject, type TProperties, type TSchema, Type } from 'typebox'
import { Errors } from 'typebox/schema'

/** Settings that every service has; a service spreads these into its own schema. */
export const commonSettings = {
  SITE: Type.String({
    default: 'summit',
    pattern: '^[A-Za-z0-9_-]+$',
    description: 'site whose subjects this process serves'
  }),
  BROKER_SITE: Type.String({
    default: '',
    pattern: '^[A-Za-z0-9_-]*$',
    description:
      'site of the broker; where it is not SITE, streams are read from its mirrors (TEL_<SITE>); default: SITE'
  }),
  NATS_URL: Type.String({
    default: 'nats://127.0.0.1:4222',
    description: 'broker address, several separated by commas'
  }),
  NATS_NKEY_FILE: Type.String({
    default: '',
    description:
      'file with the nkey seed by which the broker knows this process, read again at each connection; default: none'
  }),
  NATS_CA_FILE: Type.String({
    default: '',
    description:
      "file with the CA of the broker's certificate: the connection is TLS from the first byte; default: no TLS"
  }),
  NAME: Type.String({
    default: '',
    description:
      'name of this process in logs, metrics and the broker; default: the service and its process id'
  }),
  HOST: Type.String({ default: '127.0.0.1', description: 'address to listen on' }),
  PORT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 65535,
    description: 'port of the probes, /metrics and the door; 0: any free one'
  }),
  HOSTS: Type.String({
    default: '',
    description:
      'host names that the door answers to besides localhost, loopback addresses, HOST and the name of the machine, separated by commas; *: any'
  }),
  TRUSTED_PROXIES: Type.String({
    default: '',
    description:
      "proxies whose X-Forwarded headers are believed: addresses, networks such as 10.0.0.0/8, or 'loopback', separated by commas; default: none"
  }),
  LOG_LEVEL: Type.Enum(['trace', 'debug', 'info', 'warn', 'error'], {
    default: 'info',
    description: 'least level that is logged: trace, debug, info, warn or error'
  }),
  LOG_PRETTY: Type.Boolean({ default: false, description: 'log for people instead of JSON lines' }),
  REVISION: Type.String({
    default: '',
    description: 'commit of the source that this process was built from, told at /version; an image sets it'
  }),
  DRAIN_MS: Type.Integer({
    default: 20_000,
    minimum: 0,
    description: 'ms from the first signal to the forced end'
  })
} as const

/** The settings of `commonSettings` after validation, defaults filled in. */
export type CommonConfig = Static<TObject<typeof commonSettings>>

/** What a service can be told: its name and summary, for `--help`, and the schema of each variable. */
export interface ConfigSpec<T extends TProperties> {
  readonly service: string
  readonly summary: string
  readonly settings: TObject<T>
}

/**
 * Reads a service's configuration from the environment, the only place that does. `--help` on the command
 * line prints the settings and ends the process. A setting that is wrong ends it with 1, after one line with
 * CFG_INVALID that names the setting.
 */
export function readConfig<T extends TProperties>(spec: ConfigSpec<T>): Static<TObject<T>> {
  const [argument] = process.argv.slice(2)
  if (argument === '--help' || argument === '-h') {
    process.stdout.write(helpOf(spec))
    process.exit(0)
  }
  if (argument !== undefined) refuseArgument(spec, argument)
  try {
    return parseConfig(spec, process.env)
  } catch (caught) {
    process.stderr.write(`${spec.service}: ${AppError.from(caught).message}\n`)
    process.exit(1)
  }
}

/** A mistyped `--help` must not start a service. */
function refuseArgument<T extends TProperties>({ service }: ConfigSpec<T>, argument: string): never {
  process.stderr.write(
    `${service}: '${argument.slice(0, 80)}' is not understood: settings come from the environment, --help lists them\n`
  )
  process.exit(1)
}

/**
 * As readConfig, from a given environment, and without ending the process. Throws CFG_INVALID that names
 * every wrong setting.
 */
export function parseConfig<T extends TProperties>(
  spec: ConfigSpec<T>,
  env: NodeJS.ProcessEnv
): Static<TObject<T>> {
  const values = Object.fromEntries(
    Object.entries(spec.settings.properties)
      .map(([name, setting]) => [name, settingOf(setting, env[name])] as const)
      .filter(([, value]) => value !== undefined)
  )
  const [isValid, faults] = Errors(spec.settings, values)
  if (isValid) return values as Static<TObject<T>>
  const detail = faults.map(fault => `${fault.instancePath.slice(1)} ${expectedOf(fault)}`.trim())
  throw new AppError('CFG_INVALID', { detail: detail.join(', ') })
}

/** What a setting must be; what it was is not told, as it may be a secret. */
function expectedOf({ message, params }: { readonly message: string; readonly params: object }): string {
  const { allowedValues } = params as { readonly allowedValues?: readonly unknown[] }
  return allowedValues === undefined
    ? message
    : `must be one of ${allowedValues.map(value => (value === '' ? 'nothing' : value)).join(', ')}`
}

/** A number or a boolean where the setting is one and the text says one; else the text, for the check. */
function settingOf(setting: TSchema, text: string | undefined): unknown {
  const { type, default: whenUnset } = setting as { type?: string; default?: unknown }
  if (text === undefined) return whenUnset
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true'
  const isNumber = type === 'integer' || type === 'number'
  return isNumber && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text
}

/** Formats the settings of a service as the text of `--help`. */
export function helpOf<T extends TProperties>({ service, summary, settings }: ConfigSpec<T>): string {
  const lines = Object.entries(settings.properties).map(([name, property]) => {
    const { description = '', default: value } = property as { description?: string; default?: unknown }
    // Where the description says what nothing stands for, the empty text is not the default.
    const isTold = value === undefined || (value === '' && description.includes('default: '))
    return `  ${name.padEnd(22)} ${description}${isTold ? '' : ` (default: ${JSON.stringify(value)})`}`
  })
  return `${service}: ${summary}\n\nEnvironment:\n${lines.join('\n')}\n`
}
