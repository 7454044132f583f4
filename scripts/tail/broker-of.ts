import { existsSync, readFileSync } from 'node:fs'
import { isChangeWord } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { inboxPrefixOf, type ProcessKind } from '@meridian/subjects'
import { caFileOf, changeWordFileOf, seedFileOf } from '../start/key-files.ts'
import { readRunFile, runFileOf } from '../start/run-file.ts'

/** Where a broker is, and the folder of its keys where it knows its processes by them. */
export interface BrokerPlace {
  readonly url: string
  readonly keys?: string | undefined
}

/** Which broker a tool talks to, and who said so. */
export interface ChosenBroker extends BrokerPlace {
  /** Such as `NATS_URL`, or the file that names it. */
  readonly saidBy: string
  /** Whose broker it is, where the file says so. */
  readonly site?: string
}

/** What a person may say about the broker. */
export interface BrokerChoice {
  readonly nats?: string
  /** Data folder of a running system. */
  readonly data?: string
}

/** The data folder of a system that was started without `--data`. */
export const USUAL_DATA = '.meridian'
const USUAL_SITE = 'summit'
const USUAL_URL = 'nats://127.0.0.1:4222'

/**
 * The broker that `--nats`, then `--data`, then NATS_URL, then the system that runs in `.meridian` names, else
 * NATS's usual port. Throws RUN_NO_SYSTEM where nothing runs in the folder of `--data`.
 */
export function brokerOf({ nats, data }: BrokerChoice, natsUrl = process.env['NATS_URL']): ChosenBroker {
  if (nats !== undefined) return withKeys({ url: nats, saidBy: '--nats' })
  if (data !== undefined) {
    const running = runningIn(data)
    if (running === undefined)
      throw new AppError('RUN_NO_SYSTEM', {
        detail: `--data ${data}: ${runFileOf(data)} is not there`
      })
    return running
  }
  if (natsUrl) return withKeys({ url: natsUrl, saidBy: 'NATS_URL' })
  return runningIn(USUAL_DATA) ?? { url: USUAL_URL, saidBy: "NATS's usual port" }
}

/** The site that a person names, else that of the system whose broker it is, else `summit`. */
export const siteOf = (named: string | undefined, { site }: ChosenBroker): string =>
  named ?? site ?? USUAL_SITE

/** The address of the system that runs in `.meridian` has its keys, whoever named it. */
function withKeys(chosen: ChosenBroker): ChosenBroker {
  const running = runningIn(USUAL_DATA)
  return running?.url === chosen.url ? { ...running, saidBy: chosen.saidBy } : chosen
}

/**
 * What a tool connects with as one kind of process: the files of the broker's folder of keys, else those that NATS_NKEY_FILE,
 * NATS_CA_FILE and, for the admin, NATS_CHANGE_WORD_FILE name, else nothing. Throws RUN_BAD_FILE for a file that holds no word.
 */
export function connectionOf({ url, keys }: BrokerPlace, kind: ProcessKind, env = process.env) {
  const nkeyFile = keys === undefined ? env['NATS_NKEY_FILE'] : seedFileOf(keys, kind)
  const caFile = keys === undefined ? env['NATS_CA_FILE'] : caFileOf(keys)
  return {
    servers: url,
    inboxPrefix: inboxPrefixOf(kind),
    ...(nkeyFile && { nkeyFile }),
    ...(kind === 'admin' && changeWordOf(keys, env)),
    ...(caFile && { caFile })
  }
}

/** Nothing where an earlier version made the keys: its broker asks for none. */
function changeWordOf(keys: string | undefined, env: NodeJS.ProcessEnv): { readonly changeWord?: string } {
  const file = keys === undefined ? env['NATS_CHANGE_WORD_FILE'] : changeWordFileOf(keys)
  if (!file || (keys !== undefined && !existsSync(file))) return {}
  const changeWord = readFileSync(file, 'utf8').trim()
  if (isChangeWord(changeWord)) return { changeWord }
  const detail = `${file} holds no word of the admin: 32 to 128 letters, digits, _ and - are expected`
  throw new AppError('RUN_BAD_FILE', { detail })
}

function runningIn(data: string): ChosenBroker | undefined {
  const { nats, keys, site } = readRunFile(data) ?? {}
  if (nats === undefined) return undefined
  return {
    ...{ url: nats, saidBy: runFileOf(data) },
    ...(keys !== undefined && { keys }),
    ...(site !== undefined && { site })
  }
}
