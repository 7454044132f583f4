import { type StreamKind, type StreamName, streamSubjects, traitsOf } from '@meridian/subjects'
import type { SubjectMove } from './move-subjects.ts'
import { scriptMove } from './script-move.ts'

/** A stream as this project wants it. */
export interface StreamSpec {
  /** Its name on the server; differs from `stream` for a mirror. */
  readonly name: string
  readonly stream: StreamName
  readonly description: string
  readonly kind: StreamKind
  readonly subjects: readonly string[]
  readonly maxBytes: number
  /** 0: no limit. */
  readonly maxAgeMs: number
  /** 0: no limit. */
  readonly maxPerSubject: number
  /** What a full stream does with a new message. */
  readonly whenFull: 'drop-oldest' | 'refuse'
  /** How long a message id is remembered. */
  readonly duplicateWindowMs: number
  readonly replicas: 1 | 3
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

interface Size {
  readonly tel: number
  readonly evt: number
  readonly script: number
  readonly commands: number
  readonly jobs: number
  readonly audit: number
  readonly eventsPerSubject: number
  readonly replicas: 1 | 3
}

const MIB = 1024 * 1024
const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

// The laptop's sum is 2,000 MiB; what is left of 2 GiB is for the key-value buckets.
const sizes: Readonly<Record<StreamProfile, Size>> = {
  laptop: {
    tel: 1024 * MIB,
    evt: 512 * MIB,
    script: 128 * MIB,
    commands: 256 * MIB,
    jobs: 24 * MIB,
    audit: 32 * MIB,
    eventsPerSubject: 1_000,
    replicas: 1
  },
  site: {
    tel: 20 * 1024 * MIB,
    evt: 8 * 1024 * MIB,
    script: 1024 * MIB,
    commands: 2048 * MIB,
    jobs: 512 * MIB,
    audit: 512 * MIB,
    eventsPerSubject: 5_000,
    replicas: 3
  }
}

/** Every stream of a site [docs/subjects.md#streams]. Sites that share a server name their streams apart by an account or a domain, not here. */
export function streamTable(site: string, profile: StreamProfile): readonly StreamSpec[] {
  const size = sizes[profile]
  const at = (
    spec: Partial<StreamSpec> & Pick<StreamSpec, 'description' | 'maxBytes'> & { readonly name: StreamName }
  ): StreamSpec => ({
    stream: spec.name,
    kind: traitsOf(spec.name).kind,
    subjects: streamSubjects(spec.name, site),
    maxAgeMs: 0,
    maxPerSubject: 0,
    whenFull: 'drop-oldest',
    duplicateWindowMs: 10 * MINUTE_MS,
    replicas: size.replicas,
    ...spec
  })
  return [
    at({
      name: 'TEL',
      description: 'telemetry and heartbeats',
      maxBytes: size.tel,
      maxAgeMs: HOUR_MS,
      // Ids are kept in the server's memory, and telemetry is the many.
      duplicateWindowMs: 2 * MINUTE_MS
    }),
    at({
      name: 'EVT',
      description: 'events, the last ones of each subject without an age',
      maxBytes: size.evt,
      maxPerSubject: size.eventsPerSubject,
      movedAway: scriptMove(site)
    }),
    at({
      name: 'SCRIPT',
      description: 'events of script runs',
      maxBytes: size.script,
      maxAgeMs: DAY_MS
    }),
    at({
      name: 'COMMANDS',
      description: 'accepted commands and every later stage of each',
      maxBytes: size.commands,
      maxAgeMs: 90 * DAY_MS,
      whenFull: 'refuse'
    }),
    ...jobStreams(size).map(at),
    at({
      name: 'AUDIT',
      description: 'log-ins, refusals, changes of users and dashboards',
      maxBytes: size.audit,
      maxAgeMs: 90 * DAY_MS,
      whenFull: 'refuse'
    })
  ]
}

const jobStreams = ({ jobs: maxBytes }: Size) =>
  [
    {
      name: 'JOBS',
      description: 'work that runs long',
      maxBytes,
      maxAgeMs: 7 * DAY_MS,
      whenFull: 'refuse'
    },
    {
      name: 'JOBSTATE',
      description: 'progress and results of jobs',
      maxBytes,
      maxAgeMs: 7 * DAY_MS
    }
  ] as const
