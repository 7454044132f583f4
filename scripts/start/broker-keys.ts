import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { natsConfOf } from '@meridian/auth/broker'
import { createNkey, isChangeWord, publicKeyOf } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { processKinds } from '@meridian/subjects'
import { ensureCertificates } from './certificates.ts'
import { changeWordFileOf, contextFileOf, KEYS_FOLDER, seedFileOf } from './key-files.ts'
import { natsContextOf } from './nats-context.ts'
import { keepPrivateFile, makePrivateFolder, writePrivateFile } from './private-files.ts'

/** What a start with keys has made, or found from an earlier one. */
export interface BrokerKeys {
  /** The folder with all of it. */
  readonly folder: string
  /** Accounts, users, rights and TLS, as nats.conf has them. */
  readonly conf: string
}

/**
 * Makes what is missing of the keys of a data folder: a seed for each kind of process and a CA, which stay, and a
 * certificate for the broker and for the front, which is called `hosts` besides the names of this machine. A seed that is taken away is replaced by another key. Throws RUN_BAD_FOLDER.
 */
export function ensureBrokerKeys(data: string, site: string, hosts: readonly string[] = []): BrokerKeys {
  const folder = join(data, KEYS_FOLDER)
  try {
    makePrivateFolder(folder)
    const users = processKinds.map(kind => ({ kind, publicKey: publicKeyIn(seedFileOf(folder, kind)) }))
    const tls = ensureCertificates(folder, hosts)
    return { folder, conf: natsConfOf({ site, users, tls, changeWord: changeWordIn(folder) }) }
  } catch (cause) {
    throw new AppError('RUN_BAD_FOLDER', { detail: `${folder}: ${(cause as Error).message}`, cause })
  }
}

/** Writes what the nats tool needs to read at this address as an observer. */
export const writeNatsContext = (keys: string, url: string): void =>
  writePrivateFile(contextFileOf(keys), natsContextOf({ url, keys }))

function changeWordIn(folder: string): string {
  const file = changeWordFileOf(folder)
  const word = keepPrivateFile(file, () => `${randomBytes(24).toString('base64url')}\n`).trim()
  if (isChangeWord(word)) return word
  throw new Error(`${file} holds no word of 32 to 128 letters and digits; remove it, and another is made`)
}

function publicKeyIn(file: string): string {
  const seed = keepPrivateFile(file, () => `${createNkey().seed}\n`)
  try {
    return publicKeyOf(seed)
  } catch {
    throw new Error(`${file} holds no seed of an nkey user; remove it, and another is made`)
  }
}
