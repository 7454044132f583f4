import { resolve } from 'node:path'
import { shippedSiteFile } from '@meridian/catalogue'
import { AppError } from '@meridian/errors'
// biome-ignore lint/correctness/useImportExtensions: it is plain JavaScript, with its types beside it
import { parseStart, type StartValues } from './options.cjs'

/** The command line of `npm start`, with its defaults filled in. */
export interface StartOptions extends Omit<StartValues, 'profile' | 'site' | 'sal-kafka'> {
  /** Absolute path of the site file: a shipped one for `--profile`. */
  readonly site: string
  /** Whether components speak SAL on Kafka. */
  readonly salKafka: boolean
}

/** Parses the command line; `--help` prints and ends the process. Throws RUN_BAD_OPTION. */
export function readOptions(argv: readonly string[]): StartOptions {
  const values = parse(argv)
  if ('help' in values) {
    process.stdout.write(values.help)
    process.exit(0)
  }
  const { profile, site, 'sal-kafka': salKafka, ...options } = values
  return { ...options, salKafka, site: resolve(site ?? (shippedSiteFile(profile) as string)) }
}

function parse(argv: readonly string[]): ReturnType<typeof parseStart> {
  try {
    return parseStart(argv, process.env)
  } catch (error) {
    throw new AppError('RUN_BAD_OPTION', { detail: (error as Error).message })
  }
}
