import { type StreamKind, type StreamName, streamSubjects, traitsOf } from '@meridian/subjects'
import type { SubjectMove } from './move-subjects.ts'
import { scriptMove } from './script-move.ts'

/** A stream as this project wants it: `ensureStreams` makes it so, or changes the one that is there. */
export interface StreamSpec {
  /** Its name on the server; differs from `stream` for a mirror. */
  readonly name: string
  readonly stream: StreamName
  readonly description: string
  readonly kind: StreamKind
  readonly subjects: readonly string[]
  readonly maxBytes: number
  /** Messages older than this are dropped; 0: none is. */
  readonly maxAgeMs: number
  /** Messages that are kept of each subject; 0: as many as there is room for. */
  readonly maxPerSubject: number
  /** What a full stream does with a new message. */
  readonly whenFull: 'drop-oldest' | 'refuse'
  /** How long a message id is remembered. */
  readonly duplicateWindowMs: number
  readonly replicas: 1 | 3
  /** Whether publishers may send it messages in batches; default: no. */
  readonly takesBatches?: true
  /** On disk; limits count uncompressed bytes. */
  readonly compression: 'none' | 's2'
  /** What an earlier version kept here and what stands elsewhere now: `ensureStreams` moves it. */
  readonly movedAway?: SubjectMove
  /** Filled from a stream of another site instead of by publishers. */
  readonly mirrorOf?: StreamOrigin
}

/** The stream that a mirror follows. */
export interface StreamOrigin {
  readonly stream: string
  /** JetStream domain across a leaf link; default: the same as the mirror's. */
  readonly domain?: string
}

/** `laptop`: one server, less than 2 GiB in all. `site`: three servers and more room. */
export type StreamProfile = 'laptop' | 'site'

const MIB = 1024 * 1024
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

type Sizes = Readonly<Record<StreamProfile, number>>

const NO_LIMIT: Sizes = { laptop: 0, site: 0 }

/** A stream as a line of the table: what differs from the others, and its sizes by profile. */
interface StreamRow
  extends Partial<Pick<StreamSpec, 'maxAgeMs' | 'whenFull' | 'duplicateWindowMs' | 'compression'>>,
    Pick<StreamSpec, 'description'> {
  readonly name: StreamName
  readonly maxMib: Sizes
  readonly maxPerSubject?: Sizes
  readonly takesBatches?: true
  readonly movedAway?: (site: string) => SubjectMove
}

// The laptop's sum is 2,000 MiB; what is left of 2 GiB is for the key-value buckets.
const rows: readonly StreamRow[] = [
  {
    name: 'TEL',
    description: 'telemetry and heartbeats',
    maxMib: { laptop: 1024, site: 20 * 1024 },
    maxAgeMs: HOUR_MS,
    takesBatches: true,
    // Ids are kept in the server's memory, and telemetry is the many.
    duplicateWindowMs: 2 * MINUTE_MS,
    // Halves the disk: 20,000 samples of the summit took 9.2 MB instead of 16.5.
    compression: 's2'
  },
  {
    name: 'EVT',
    description: 'events, the last ones of each subject without an age',
    maxMib: { laptop: 512, site: 8 * 1024 },
    maxPerSubject: { laptop: 1_000, site: 5_000 },
    takesBatches: true,
    movedAway: scriptMove
  },
  {
    name: 'SCRIPT',
    description: 'events of script runs',
    maxMib: { laptop: 128, site: 1024 },
    maxAgeMs: DAY_MS,
    takesBatches: true
  },
  {
    name: 'COMMANDS',
    description: 'accepted commands and every later stage of each',
    maxMib: { laptop: 256, site: 2048 },
    maxAgeMs: 90 * DAY_MS,
    whenFull: 'refuse'
  },
  {
    name: 'JOBS',
    description: 'work that runs long',
    maxMib: { laptop: 24, site: 512 },
    maxAgeMs: 7 * DAY_MS,
    whenFull: 'refuse'
  },
  {
    name: 'JOBSTATE',
    description: 'progress and results of jobs',
    maxMib: { laptop: 24, site: 512 },
    maxAgeMs: 7 * DAY_MS
  },
  {
    name: 'AUDIT',
    description: 'log-ins, refusals, changes of users and dashboards',
    maxMib: { laptop: 32, site: 512 },
    maxAgeMs: 90 * DAY_MS,
    whenFull: 'refuse'
  }
]

/**
 * Every stream of a site [docs/subjects.md#streams]. Sites that share a server name their streams apart by an
 * account or a domain, not here.
 */
export function streamTable(site: string, profile: StreamProfile): readonly StreamSpec[] {
  const by = (sizes: Sizes): number => sizes[profile]
  return rows.map(({ name, maxMib, movedAway, maxPerSubject = NO_LIMIT, ...row }) => ({
    name,
    stream: name,
    kind: traitsOf(name).kind,
    subjects: streamSubjects(name, site),
    maxBytes: by(maxMib) * MIB,
    maxAgeMs: 0,
    maxPerSubject: by(maxPerSubject),
    whenFull: 'drop-oldest',
    duplicateWindowMs: 10 * MINUTE_MS,
    replicas: profile === 'site' ? 3 : 1,
    compression: 'none',
    ...(movedAway === undefined ? {} : { movedAway: movedAway(site) }),
    ...row
  }))
}
