import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type StreamSpec, streamTable } from '@meridian/broker'

/** Room that the streams of a laptop may take together [docs/subjects.md#streams]. */
const USUAL_BYTES = 2 * 2 ** 30

/**
 * Room for the streams of a data folder: what is asked for, else what its broker had at the last start, so
 * that nothing stored is lost when the option is left out.
 */
export function diskOf(data: string, asked: number | undefined): number {
  return asked ?? earlierDisk(data) ?? USUAL_BYTES
}

function earlierDisk(data: string): number | undefined {
  try {
    const conf = readFileSync(join(data, 'nats.conf'), 'utf8')
    const bytes = Number(/^ *max_file_store: (\d+)$/m.exec(conf)?.[1])
    return bytes >= USUAL_BYTES ? bytes : undefined
  } catch {
    return undefined
  }
}

/** The streams of a site on `diskBytes`: telemetry gets what is left, and its age grows with its room. */
export function streamsOn(diskBytes: number, site: string): readonly StreamSpec[] {
  return streamTable(site, 'laptop').map(spec => (spec.stream === 'TEL' ? roomier(spec, diskBytes) : spec))
}

function roomier(spec: StreamSpec, diskBytes: number): StreamSpec {
  const maxBytes = Math.round(spec.maxBytes + diskBytes - USUAL_BYTES)
  return { ...spec, maxBytes, maxAgeMs: Math.round((spec.maxAgeMs * maxBytes) / spec.maxBytes) }
}
