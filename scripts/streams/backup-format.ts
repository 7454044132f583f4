// What a backup is on the disk: a folder with the snapshot of each stream, in the server's own format,
// `backup.json`, which says what they are, and `SHA256SUMS` of all of these, which `sha256sum -c` reads.

import type { SnapshotFacts } from '@meridian/broker'
import { Type } from 'typebox'

/** What `backup.json` says. */
export interface BackupManifest {
  readonly format: string
  /** When it was finished, UTC. */
  readonly made: string
  /** Version of the nats-server that wrote the snapshots: an older one may be unable to read them. */
  readonly server: string
  readonly streams: readonly SnapshotFacts[]
}

/** Changes with the meaning of the files. */
export const FORMAT = 'meridian-backup-1'
/** The file of a backup that says what it holds. */
export const MANIFEST = 'backup.json'
/** The file with the SHA-256 of every other one, as sha256sum reads it. */
export const SUMS = 'SHA256SUMS'

/** The file with the snapshot of a stream. */
export const snapshotFileOf = (stream: string): string => `${stream}.snapshot`

/** The shape of `BackupManifest`. */
export const manifestSchema = Type.Object({
  format: Type.Literal(FORMAT),
  made: Type.String(),
  server: Type.String(),
  streams: Type.Array(
    Type.Object({
      name: Type.String({ pattern: '^[A-Za-z][A-Za-z_]*$' }),
      config: Type.Record(Type.String(), Type.Unknown()),
      state: Type.Object({ messages: Type.Number(), bytes: Type.Number(), last_seq: Type.Number() })
    }),
    { minItems: 1 }
  )
})
