import type { StreamName } from '@meridian/subjects'
import { mirrorNameOf } from './stream-names.ts'
import { type StreamProfile, type StreamSpec, streamTable } from './stream-table.ts'

/** What a gateway and the api of a site that only reads need. */
export const MIRRORED: readonly StreamName[] = ['TEL', 'EVT', 'SCRIPT', 'COMMANDS']

/** Which streams to mirror, and how they are reached. */
export interface MirrorOptions {
  /** The site whose streams are mirrored. */
  readonly origin: string
  readonly profile: StreamProfile
  /** JetStream domain of the origin across a leaf link; default: the streams are in the same domain. */
  readonly domain?: string
}

/**
 * The streams of a site that follows another one: a mirror of each stream that is shown to people, with the
 * limits of its row. A mirror has the sequences, times and epoch of its origin, so that a cursor of the
 * origin is valid here.
 */
export const mirrorTable = ({ origin, profile, domain }: MirrorOptions): readonly StreamSpec[] =>
  streamTable(origin, profile)
    .filter(({ stream }) => MIRRORED.includes(stream))
    .map(({ movedAway: _, ...spec }) => ({
      ...spec,
      name: mirrorNameOf(spec.stream, origin),
      description: `mirror of ${spec.stream} of ${origin}: ${spec.description}`,
      subjects: [],
      whenFull: 'drop-oldest',
      mirrorOf: { stream: spec.stream, ...(domain === undefined ? {} : { domain }) }
    }))
