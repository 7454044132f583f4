import { join } from 'node:path'
import type { ProcessKind } from '@meridian/subjects'

/** Folder of a data folder that holds the seeds, the CA and the broker's certificate. */
export const KEYS_FOLDER = 'keys'

/** The file with the seed of a kind of process. */
export const seedFileOf = (keys: string, kind: ProcessKind): string => join(keys, `${kind}.seed`)
/** The file with the word below which the admin changes streams: see `natsConfOf`. */
export const changeWordFileOf = (keys: string): string => join(keys, 'admin.word')
/** The file with the CA of the broker. */
export const caFileOf = (keys: string): string => join(keys, 'ca.crt')
/** The files of the certificate that the front shows, and of its key. */
export const frontFilesOf = (keys: string) => ({
  certFile: join(keys, 'front.crt'),
  keyFile: join(keys, 'front.key')
})
/** The file by which the nats tool reads as an observer: NATS_CONTEXT names it. */
export const contextFileOf = (keys: string): string => join(keys, 'observer.json')
