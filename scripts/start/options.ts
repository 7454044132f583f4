import { resolve } from 'node:path'
import { shippedSiteFile, shippedSites } from '@meridian/catalogue'
import { Command, InvalidArgumentError, Option } from 'commander'
import { StartError } from './say.ts'

/** The command line of `npm start`, with its defaults filled in. */
export interface StartOptions {
  /** Site file, absolute or from the repository. */
  readonly site: string
  readonly gateways: number
  readonly port: number
  /** Folder of all state, absolute or from the repository. */
  readonly data: string
  /** Names of hosts under which the pages may be opened, besides those of this machine. */
  readonly host: readonly string[]
  /** A broker of one's own; absent: one is started. */
  readonly nats?: string
}

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const number = Number(text)
    if (!Number.isInteger(number) || number < least || number > most)
      throw new InvalidArgumentError(`a whole number from ${least} to ${most} is expected.`)
    return number
  }

/** Parses the command line; `--help` prints and ends the process. Throws StartError. */
export function readOptions(argv: readonly string[]): StartOptions {
  const command = new Command('npm start --')
    .description(
      'Runs Meridian with a simulated observatory: broker, simulator, producers, gateways, commanders, api and console, on one address. Ctrl-C ends it all.'
    )
    .addOption(
      new Option('--profile <name>', 'a shipped site: the whole summit, a test stand, or a dozen instances')
        .choices(shippedSites)
        .default('summit')
    )
    .addOption(
      new Option('--site <file>', 'a site file of your own instead of a shipped site (docs/sites.md)')
    )
    .addOption(new Option('--gateways <n>', 'WebSocket gateways').argParser(whole(1, 16)).default(2))
    .addOption(new Option('--port <n>', 'port of the one address').argParser(whole(1, 65_535)).default(8080))
    .addOption(
      new Option(
        '--host <names...>',
        "host names that it answers to besides localhost and this machine's name"
      ).default([])
    )
    .addOption(
      new Option('--data <dir>', "folder of the broker's store and of the logs").default('.meridian')
    )
    .addOption(new Option('--nats <url>', 'a broker of your own, with JetStream, instead of starting one'))
    .exitOverride(error => {
      if (error.exitCode === 0) process.exit(0)
      throw new StartError(error.message)
    })
    .configureOutput({ writeErr: () => {} })
  const { profile, ...options } = command
    .parse([...argv], { from: 'user' })
    .opts<Omit<StartOptions, 'site'> & { profile: string; site?: string }>()
  if (options.site !== undefined && command.getOptionValueSource('profile') === 'cli')
    throw new StartError('--profile and --site both name a site; give one of them.')
  return { ...options, site: resolve(options.site ?? (shippedSiteFile(profile) as string)) }
}
