import { readFileSync } from 'node:fs'
import { AppError } from '@meridian/errors'
import { type Authenticator, nkeyAuthenticator, type TlsOptions } from '@nats-io/nats-core'
import type { Logger } from 'pino'
import type { BrokerOptions } from './broker.ts'
import { publicKeyOf } from './nkeys.ts'

/** What a connection proves itself with, and by what it knows the broker. */
interface Credentials {
  readonly authenticator?: Authenticator
  readonly tls?: TlsOptions
}

/**
 * The credentials of a connection, from its files. Throws CFG_INVALID, which names the setting and the file and
 * nothing of what is in it, where a file cannot be read or holds no seed.
 */
export function readCredentials({ nkeyFile, caFile, log }: BrokerOptions): Credentials {
  if (caFile !== undefined) readText('NATS_CA_FILE', caFile)
  return {
    ...(nkeyFile !== undefined && { authenticator: fileAuthenticator(nkeyFile, log) }),
    // From the first byte: a server that offers no TLS is refused, instead of being spoken to in the clear.
    ...(caFile !== undefined && { tls: { caFile, handshakeFirst: true } })
  }
}

/**
 * Signs with the seed that the file holds at each connection, so that a new key is taken without a restart; with
 * the one read before where the file is away or half written at that moment.
 */
function fileAuthenticator(file: string, log: Logger): Authenticator {
  let seed = readSeed(file)
  return nkeyAuthenticator(() => {
    try {
      seed = readSeed(file)
    } catch (err) {
      log.warn({ err }, 'seed file not read, the seed read before is used')
    }
    return new TextEncoder().encode(seed)
  })
}

function readSeed(file: string): string {
  const seed = readText('NATS_NKEY_FILE', file).trim()
  try {
    publicKeyOf(seed)
    return seed
  } catch {
    throw new AppError('CFG_INVALID', { detail: `NATS_NKEY_FILE: ${file} holds no seed of an nkey user` })
  }
}

function readText(setting: string, file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new AppError('CFG_INVALID', { cause, detail: `${setting}: ${(cause as Error).message}` })
  }
}
