import {
  type Broker,
  bucketTable,
  ensureBuckets,
  ensureDeviceStreams,
  ensureStreams,
  mirrorTable,
  type StreamProfile,
  type StreamSpec,
  streamTable
} from '@meridian/broker'
import type { createLog } from '@meridian/service'

/** Which streams of a site, and how large. */
export interface StreamsChoice {
  readonly profile: StreamProfile
  readonly mirror?: true
  readonly domain?: string
  readonly replicas?: '1' | '3'
  readonly auditMib?: number
  /** Limits for what the broker stores for devices that speak MQTT, too. */
  readonly devices?: true
}

const MIB = 1024 * 1024

/** Makes or updates the streams of a site, or the mirrors of them, and says what was done to each. */
export async function makeStreams(
  broker: Broker,
  site: string,
  { profile, mirror, domain, replicas, auditMib, devices }: StreamsChoice,
  log: ReturnType<typeof createLog>
): Promise<void> {
  const rows = mirror
    ? mirrorTable({ origin: site, profile, ...(domain === undefined ? {} : { domain }) })
    : streamTable(site, profile)
  const withReplicas = <T extends { readonly replicas: 1 | 3 }>(spec: T): T =>
    replicas === undefined ? spec : { ...spec, replicas: replicasOf(replicas) }
  const withAudit = (spec: StreamSpec): StreamSpec =>
    spec.stream === 'AUDIT' && auditMib !== undefined ? { ...spec, maxBytes: auditMib * MIB } : spec
  const ensured = await ensureStreams(broker, rows.map(withReplicas).map(withAudit), log, {
    onProgress: ({ from, to, moved }) =>
      process.stderr.write(`${moved} subjects moved from ${from} to ${to}\n`)
  })
  if (!mirror) await ensureBuckets(broker, bucketTable(profile).map(withReplicas))
  const ofDevices = devices ? await ensureDeviceStreams(broker, replicasIn(profile, replicas)) : []
  for (const { name, outcome } of [...ensured, ...ofDevices]) process.stdout.write(`${name}: ${outcome}\n`)
}

const replicasIn = (profile: StreamProfile, option: StreamsChoice['replicas']): 1 | 3 =>
  replicasOf(option ?? (profile === 'site' ? '3' : '1'))

/** The number that the option says. */
export const replicasOf = (option: '1' | '3'): 1 | 3 => (option === '3' ? 3 : 1)
